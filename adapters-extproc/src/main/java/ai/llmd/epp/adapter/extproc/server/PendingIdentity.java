package ai.llmd.epp.adapter.extproc.server;

import ai.llmd.epp.tls.SelfSignedCertificate;
import ai.llmd.epp.tls.ServerIdentity;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Instant;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A self-signed certificate in the making, on a thread of its own: a key of 4096 bits takes
 * seconds, in which the program has other things to begin with.
 */
final class PendingIdentity {

  private final FutureTask<ServerIdentity> making =
      new FutureTask<>(
          () -> SelfSignedCertificate.create(SelfSignedCertificate.KEY_BITS, Instant.now()));

  private PendingIdentity() {}

  static PendingIdentity begin() {
    PendingIdentity coming = new PendingIdentity();
    Thread.ofPlatform().daemon().name("certificate").start(coming.making);
    return coming;
  }

  /** Waits until it is there. */
  ServerIdentity await() throws IOException {
    try {
      return making.get();
    } catch (ExecutionException e) {
      throw new IOException("cannot make a self-signed certificate", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a certificate was being made");
    }
  }
}
