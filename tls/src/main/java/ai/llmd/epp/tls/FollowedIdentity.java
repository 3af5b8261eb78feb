package ai.llmd.epp.tls;

import ai.llmd.epp.filewatch.FollowedFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows the key and the certificate of a folder, and a new pair from the next handshake on. One
 * that cannot be used is logged and the old one stays. A certificate that is about to end, or has
 * ended, is a line in the log each day; its end is a figure at any time ({@link #status}).
 */
public final class FollowedIdentity implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(FollowedIdentity.class);

  /** The two files come one after the other. */
  private static final Duration SETTLED_AFTER = Duration.ofMillis(250);

  private static final Duration LOOK_EVERY = Duration.ofHours(1);

  private final AtomicLong refusals = new AtomicLong();
  private final CertificateStatus status;
  private final FollowedFile<ServerIdentity, RuntimeException> files;
  private final Thread expiry;

  private FollowedIdentity(Path directory, ServerKeys keys, ServerIdentity shown) {
    status = CertificateStatus.of(directory, keys, refusals::get);
    files =
        new FollowedFile<>(
                List.of(ServerIdentity.certificates(directory), ServerIdentity.key(directory)),
                "new certificate refused, the old one stays",
                new Pair(directory, keys, refusals))
            .loaded(shown)
            .follow(SETTLED_AFTER);
    expiry =
        Thread.ofVirtual()
            .name("epp-certificate-expiry")
            .start(() -> warnOfExpiry(directory, keys, new CertificateExpiry()));
  }

  private static void warnOfExpiry(Path directory, ServerKeys keys, CertificateExpiry expiry) {
    try {
      while (true) {
        expiry
            .warning(keys.identity().chain().getFirst(), Instant.now())
            .ifPresent(sentence -> log.atWarn().addKeyValue("directory", directory).log(sentence));
        Thread.sleep(LOOK_EVERY);
      }
    } catch (InterruptedException e) {
      // closed
    }
  }

  /**
   * Begins to watch.
   *
   * @param directory holds {@code tls.crt} and {@code tls.key}, both PEM
   * @param keys what shows them
   * @param shown the pair of the folder that they show already
   */
  public static FollowedIdentity in(Path directory, ServerKeys keys, ServerIdentity shown) {
    return new FollowedIdentity(directory, keys, shown);
  }

  /** What is shown at the moment. */
  public CertificateStatus status() {
    return status;
  }

  private record Pair(Path directory, ServerKeys keys, AtomicLong refusals)
      implements FollowedFile.Use<ServerIdentity, RuntimeException> {

    @Override
    public ServerIdentity read() throws IOException {
      return ServerIdentity.read(directory);
    }

    @Override
    public void apply(ServerIdentity identity) {
      keys.show(identity);
    }

    @Override
    public void applied() {
      log.atInfo().addKeyValue("directory", directory).log("certificate reloaded");
    }

    @Override
    public void refused(String reason) {
      refusals.incrementAndGet();
    }
  }

  @Override
  public void close() {
    expiry.interrupt();
    files.close();
  }
}
