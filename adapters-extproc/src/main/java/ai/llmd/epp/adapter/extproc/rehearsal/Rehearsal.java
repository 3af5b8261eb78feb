package ai.llmd.epp.adapter.extproc.rehearsal;

import java.io.IOException;
import java.time.Duration;
import java.util.Random;

/**
 * Conversations of every usual kind with a server of this program, so that it has done them all.
 */
public final class Rehearsal {

  private static final int SHORT_PROMPT = 2_600; // bytes, as most chats are
  private static final int LONG_PROMPT = 40_000;
  private static final int COLLECTED_PROMPT = 100_000;
  private static final int CHUNKS = 20;
  private static final int ONES = 4; // of each longer one

  /** Each leaves garbage, and pages of memory that are touched for that stay with the process. */
  private static final int MAX_CONVERSATIONS = 120;

  private Rehearsal() {}

  /**
   * Holds conversations one after another, 120 of them or until the time is over, at least one of
   * each kind. An interrupt ends it.
   *
   * @param port of the server, on the loopback interface
   * @param hasTls whether the server wants TLS
   * @return how many there were
   * @throws IOException when the server cannot be reached
   * @throws IllegalStateException when one of them is not answered as it should be
   */
  public static int hold(int port, boolean hasTls, Duration time) throws IOException {
    try (SocketGateway gateway = SocketGateway.to(port, hasTls)) {
      return hold(new Conversations(gateway, new Random(0)), time);
    }
  }

  private static int hold(Conversations conversations, Duration time) {
    long end = System.nanoTime() + time.toNanos();
    int count = 0;
    do {
      for (int i = 0; i < ONES; i++) {
        conversations.one(SHORT_PROMPT);
      }
      conversations.streamed(LONG_PROMPT, CHUNKS);
      conversations.buffered(COLLECTED_PROMPT);
      count += ONES + 2;
    } while (count < MAX_CONVERSATIONS
        && System.nanoTime() - end < 0
        && !Thread.currentThread().isInterrupted());
    return count;
  }
}
