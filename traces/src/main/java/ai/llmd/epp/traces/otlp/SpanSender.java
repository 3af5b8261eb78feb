package ai.llmd.epp.traces.otlp;

import java.io.IOException;

/** Sends encoded spans to a collector. Called by one thread at a time, which it may block. */
interface SpanSender extends AutoCloseable {

  /**
   * Returns once the collector has taken them; retries what is worth it within its time.
   *
   * @param request an {@code ExportTraceServiceRequest}
   * @throws IOException when it did not take them
   * @throws InterruptedException when the thread was interrupted meanwhile
   */
  void send(byte[] request) throws IOException, InterruptedException;

  /** What is being sent is broken off. */
  @Override
  void close();
}
