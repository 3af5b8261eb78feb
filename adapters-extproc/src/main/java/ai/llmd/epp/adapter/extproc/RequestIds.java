package ai.llmd.epp.adapter.extproc;

import java.util.UUID;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Random version 4 UUIDs (RFC 9562). An id has to be unique, not secret. */
public final class RequestIds implements Supplier<String> {

  private static final long VERSION_MASK = 0xffff_ffff_ffff_0fffL;
  private static final long VERSION_4 = 0x4000L;
  private static final long VARIANT_MASK = 0x3fff_ffff_ffff_ffffL;
  private static final long VARIANT_RFC = 0x8000_0000_0000_0000L;

  private final Supplier<RandomGenerator> random;

  /**
   * @param random gives a generator that the calling thread may use, such as {@code
   *     ThreadLocalRandom::current}
   */
  public RequestIds(Supplier<RandomGenerator> random) {
    this.random = random;
  }

  @Override
  public String get() {
    RandomGenerator generator = random.get();
    long high = (generator.nextLong() & VERSION_MASK) | VERSION_4;
    long low = (generator.nextLong() & VARIANT_MASK) | VARIANT_RFC;
    return new UUID(high, low).toString();
  }
}
