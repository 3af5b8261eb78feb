package ai.llmd.epp.acceptance.latency;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Requests that arrive at random: most are questions about one of some long instructions, some are
 * long documents that nothing else begins like. Drawn from a seed, the same for every picker.
 */
final class Workload {

  private static final int TOPICS = 48;
  private static final int INSTRUCTIONS = 1_536; // tokens
  private static final double SECOND = TimeUnit.SECONDS.toNanos(1);

  private Workload() {}

  /**
   * One request.
   *
   * @param atNanos when it arrives
   * @param prompt its tokens
   * @param outputTokens of its answer
   * @param ttftMillis objective for the first token
   * @param tpotMillis objective for each further token
   */
  @SuppressWarnings("ArrayRecordComponent") // large, and never compared
  record Request(
      long atNanos, int[] prompt, int outputTokens, double ttftMillis, double tpotMillis) {}

  /** The requests of a time, at a mean rate. */
  static List<Request> of(long seed, double perSecond, double seconds) {
    Random random = new Random(seed);
    List<Request> requests = new ArrayList<>();
    double at = 0;
    while (at < seconds) {
      at += -Math.log(1 - random.nextDouble()) / perSecond;
      boolean isDocument = random.nextInt(20) == 0;
      requests.add(
          isDocument
              ? document(random, (long) (at * SECOND))
              : question(random, (long) (at * SECOND)));
    }
    return requests;
  }

  private static Request question(Random random, long at) {
    int topic = (int) (TOPICS * random.nextDouble() * random.nextDouble()); // some are more popular
    int own = 32 + random.nextInt(480);
    int[] prompt = new int[INSTRUCTIONS + own];
    for (int i = 0; i < INSTRUCTIONS; i++) {
      prompt[i] = topic * 100_003 + i;
    }
    fill(random, prompt, INSTRUCTIONS);
    return new Request(at, prompt, 50 + random.nextInt(250), 400, 40);
  }

  private static Request document(Random random, long at) {
    int[] prompt = new int[3_000 + random.nextInt(5_000)];
    fill(random, prompt, 0);
    return new Request(at, prompt, 50 + random.nextInt(250), 2_000, 40);
  }

  private static void fill(Random random, int[] prompt, int from) {
    for (int i = from; i < prompt.length; i++) {
      prompt[i] = random.nextInt() & Integer.MAX_VALUE;
    }
  }
}
