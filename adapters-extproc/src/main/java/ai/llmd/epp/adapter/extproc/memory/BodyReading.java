package ai.llmd.epp.adapter.extproc.memory;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A large body is read beside the event loop, so that no other stream waits for it; the outcome
 * comes back to the stream's own thread, unless that has given it up. Until then the body's bytes
 * stay counted, whether or not the stream is still there: the reader holds them.
 *
 * @param <T> what is read of the body
 */
public final class BodyReading<T> {

  /**
   * What reading came to.
   *
   * @param read null when it was not wanted any more, or failed
   */
  public record Outcome<T>(@Nullable T read, @Nullable Throwable failure) {

    /**
     * What was read.
     *
     * @throws IllegalStateException when reading failed
     */
    public T value() {
      if (read == null) {
        throw new IllegalStateException("a large body could not be read", failure);
      }
      return read;
    }
  }

  private final Supplier<T> reader;
  private final BodyBuffer body;
  private final Executor streamExecutor;
  private final Consumer<Outcome<T>> onStream;
  private final Consumer<T> onLost;
  private volatile boolean isWanted = true;

  /**
   * @param body the reader's until the stream takes the outcome; released here if it never does
   * @param onStream takes the outcome and the body, by the stream's executor
   * @param onLost takes what was read when the stream is gone
   */
  public BodyReading(
      Supplier<T> reader,
      BodyBuffer body,
      Executor streamExecutor,
      Consumer<Outcome<T>> onStream,
      Consumer<T> onLost) {
    this.reader = reader;
    this.body = body;
    this.streamExecutor = streamExecutor;
    this.onStream = onStream;
    this.onLost = onLost;
  }

  /** Begins, by an executor of a few threads. */
  public void begin(Executor beside) {
    try {
      beside.execute(this::run);
    } catch (RejectedExecutionException e) { // the server stops
      body.release();
      throw e;
    }
  }

  /** The stream does not wait for it any more. */
  public void abandon() {
    isWanted = false;
  }

  private void run() {
    Outcome<T> outcome = isWanted ? read() : new Outcome<>(null, null);
    try {
      streamExecutor.execute(() -> deliver(outcome));
    } catch (RejectedExecutionException e) { // the server stops
      lose(outcome);
    }
  }

  private Outcome<T> read() {
    try {
      return new Outcome<>(reader.get(), null);
    } catch (Throwable thrown) { // the stream's guard decides what is survived, on its thread
      return new Outcome<>(null, thrown);
    }
  }

  private void deliver(Outcome<T> outcome) {
    if (!isWanted) {
      lose(outcome);
      return;
    }
    onStream.accept(outcome);
  }

  private void lose(Outcome<T> outcome) {
    body.release();
    if (outcome.read() != null) {
      onLost.accept(outcome.read());
    }
  }
}
