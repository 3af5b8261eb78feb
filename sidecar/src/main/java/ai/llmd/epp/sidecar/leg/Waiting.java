package ai.llmd.epp.sidecar.leg;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Waits for what cannot fail. */
public final class Waiting {

  private Waiting() {}

  public static <T> T join(CompletableFuture<T> sure) throws InterruptedException {
    try {
      return sure.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }
}
