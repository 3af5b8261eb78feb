package ai.llmd.epp.bootstrap;

import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;

/** Chance for many threads at once: each call uses the calling thread's own generator. */
final class PerThreadRandom implements RandomGenerator {

  @Override
  public long nextLong() {
    return ThreadLocalRandom.current().nextLong();
  }
}
