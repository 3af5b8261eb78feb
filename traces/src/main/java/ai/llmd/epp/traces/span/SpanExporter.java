package ai.llmd.epp.traces.span;

import java.io.IOException;

/** Takes spans out of the program, in batches. One thread, which it may block. */
public interface SpanExporter extends AutoCloseable {

  /** Begins a batch, and forgets what was written before. */
  SpanWriter begin();

  /**
   * Exports the batch; returns when it is taken.
   *
   * @throws IOException when it was not taken
   * @throws InterruptedException when the thread was interrupted meanwhile
   */
  void export() throws IOException, InterruptedException;

  /** What is being exported is broken off. Any thread. */
  @Override
  void close();
}
