package ai.llmd.epp.adapter.extproc.rehearsal;

/**
 * One stream to an endpoint picker, as a gateway opens it. One thread. Every method throws {@link
 * IllegalStateException} when the picker cannot be reached any more.
 */
public interface GatewayStream {

  /** Of an answer, and of an end that was asked for. */
  int TIMEOUT_SECONDS = 60;

  /** Sends an encoded {@code ProcessingRequest}. */
  void send(byte[] message);

  /**
   * The next answer, an encoded {@code ProcessingResponse}.
   *
   * @throws IllegalStateException when the stream ends, or stays silent for a minute
   */
  byte[] next();

  /** Sends no more. */
  void halfClose();

  /** Resets it. */
  void cancel();

  /** Waits for the end, whatever answers are left. */
  void awaitEnd();
}
