package ai.llmd.epp.zmtp;

import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/**
 * How many connections may receive a message of more than {@value #FREE_BYTES} bytes at a time. The
 * others wait, and their messages wait in TCP: what all of them hold together has a bound, however
 * many there are. A connection has its turn until it is asked for the next message. Any thread.
 */
public final class LargeMessages {

  /** Of a message, together; no turn is needed for as many. */
  public static final int FREE_BYTES = 64 << 10;

  private final Semaphore turns;
  private final Duration within;

  /**
   * @param within so long a message may take once it has its turn; then its connection ends, so
   *     that those who wait do not wait for who sends nothing
   */
  public LargeMessages(int atATime, Duration within) {
    this.turns = new Semaphore(atATime, true);
    this.within = within;
  }

  /** Connections that wait for their turn, about. */
  public int waiting() {
    return turns.getQueueLength();
  }

  Duration within() {
    return within;
  }

  void begin() throws InterruptedIOException {
    try {
      turns.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("closed while it waited to receive a large message");
    }
  }

  void end() {
    turns.release();
  }
}
