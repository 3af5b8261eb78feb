package ai.llmd.epp.sidecar.connector;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Waits for what cannot fail. */
final class Waiting {

  private Waiting() {}

  static <T> T join(CompletableFuture<T> sure) throws InterruptedException {
    try {
      return sure.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }
}
