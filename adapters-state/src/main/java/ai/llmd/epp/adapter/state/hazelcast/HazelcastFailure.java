package ai.llmd.epp.adapter.state.hazelcast;

import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Waits for answers, and explains why there is none. */
final class HazelcastFailure {

  private static final int SHOWN_CHARACTERS = 200;

  private HazelcastFailure() {}

  /** The answer within the time. One that comes later is thrown away. */
  static <T extends @Nullable Object> T answer(CompletionStage<T> asked, Duration timeout)
      throws StoreException {
    var answer = asked.toCompletableFuture();
    try {
      return answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new StoreException("hazelcast did not answer within " + timeout.toMillis() + "ms", e);
    } catch (ExecutionException e) {
      throw of(e.getCause() == null ? e : e.getCause());
    } catch (CancellationException e) {
      throw of(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException("interrupted", e);
    }
  }

  static StoreException of(Throwable failure) {
    return new StoreException("hazelcast failed: " + sentence(failure), failure);
  }

  static String sentence(Throwable failure) {
    String message = failure.getMessage();
    String text =
        failure.getClass().getSimpleName()
            + (message == null ? "" : ": " + message.replace('\n', ' '));
    return text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "…";
  }
}
