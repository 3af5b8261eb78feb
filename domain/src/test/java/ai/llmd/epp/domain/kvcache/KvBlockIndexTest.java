package ai.llmd.epp.domain.kvcache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KvBlockIndexTest {

  private static final Map<String, Double> WEIGHTS = Map.of("gpu", 1.0, "cpu", 0.8, "disk", 1.5);

  /** Of what keys are multiplied by. */
  private static final long INVERSE = inverse(0xD6E8FEB86659FD93L);

  private static long inverse(long odd) {
    long inverse = odd;
    for (int i = 0; i < 5; i++) {
      inverse *= 2 - odd * inverse;
    }
    return inverse;
  }

  private final KvLocations locations = new KvLocations(WEIGHTS);
  private final KvBlockIndex index = new KvBlockIndex(1L << 26, locations, 42);
  private final int gpu = locations.location(locations.tier("GPU"), KvLocations.NO_GROUP);
  private final int cpu = locations.location(locations.tier("cpu"), KvLocations.NO_GROUP);
  private final int disk = locations.location(locations.tier("disk"), KvLocations.NO_GROUP);

  /** A few chains, many endpoints: sets of holders grow to rows of bits and shrink again. */
  @RepeatedTest(10)
  void isWhatTheEventsSay(RepetitionInfo round) {
    Random random = new Random(round.getCurrentRepetition());
    int slots = round.getCurrentRepetition() % 2 == 0 ? 6 : 90;
    ModelIndex model = new ModelIndex();
    long[][] chains = new long[4][];
    for (int i = 0; i < chains.length; i++) {
      chains[i] = LongStream.range(100L * i, 100L * i + 8).toArray();
    }
    for (int step = 0; step < 2000; step++) {
      int slot = random.nextInt(slots);
      int location = new int[] {gpu, cpu, disk}[random.nextInt(3)];
      long[] chain = chains[random.nextInt(chains.length)];
      switch (random.nextInt(12)) {
        case 0, 1, 2, 3, 4, 5 -> {
          int length = 1 << random.nextInt(4);
          long[] request = LongStream.of(chain).limit(length).toArray();
          int ratio = random.nextInt(3) - 1;
          int engines = Math.max(1, ratio < 0 ? length / 2 : length << ratio);
          long[] engine =
              LongStream.range(0, engines).map(i -> chain[0] * 31 + engines * 1000L + i).toArray();
          assertThat(index.store(slot, location, engine, engines, request, length)).isTrue();
          model.store(slot, location, engine, request);
        }
        case 6, 7, 8, 9, 10 -> {
          long engine = chain[0] * 31 + (1 << random.nextInt(5)) * 1000L + random.nextInt(16);
          assertThat(index.remove(slot, location, engine))
              .isEqualTo(model.remove(slot, location, engine));
        }
        default -> {
          if (random.nextInt(8) == 0) {
            index.clear(slot);
            model.clear(slot);
          }
        }
      }
      if (step % 200 == 0) {
        assertSame(model, chains, slots);
      }
    }
    assertSame(model, chains, slots);
    for (int slot = 0; slot < slots; slot++) {
      index.clear(slot);
    }
    for (long[] chain : chains) {
      KvMatch match = new KvMatch(slots);
      index.match(chain, 0, chain.length, match);
      assertThat(match.longest()).isZero();
    }
  }

  private void assertSame(ModelIndex model, long[][] chains, int slots) {
    KvMatch match = new KvMatch(slots);
    double[] weights = locations.weights();
    for (long[] chain : chains) {
      match.reset();
      index.match(chain, 0, chain.length, match);
      for (int slot = 0; slot < slots; slot++) {
        assertThat(match.blocks(slot)).isEqualTo(model.blocks(chain, slot));
        assertThat(match.score(slot)).isEqualTo(model.score(chain, slot, weights));
        for (int location : new int[] {gpu, cpu, disk}) {
          assertThat(match.tierBlocks(slot, locations.tierOf(location)))
              .isEqualTo(model.tierBlocks(chain, slot, location));
        }
      }
      for (long key : chain) {
        Set<Integer> holders = new HashSet<>();
        index.forEachHolder(key, (s, l) -> holders.add(HolderSets.holder(s, l)));
        assertThat(holders).isEqualTo(model.holders(key));
      }
      long[] found = new long[1];
      long[] expected = new long[1];
      for (int engines = 1; engines <= 16; engines *= 2) {
        for (int i = 0; i < engines; i++) {
          long engine = chain[0] * 31 + engines * 1000L + i;
          assertThat(index.resolve(engine, found)).isEqualTo(model.means(engine, expected));
          assertThat(found[0]).isEqualTo(expected[0]);
        }
      }
    }
  }

  @Test
  void keepsNothingOfBlocksThatWereRemoved() {
    long[] keys = LongStream.range(0, 50_000).map(i -> i * 0x9E3779B97F4A7C15L).toArray();
    for (int slot = 0; slot < 3; slot++) {
      index.store(slot, gpu, keys, keys.length, keys, keys.length);
    }
    for (int slot = 0; slot < 3; slot++) {
      for (long key : keys) {
        index.remove(slot, gpu, key);
      }
    }
    assertThat(index.blocks()).isZero();
    assertThat(index.engineKeys()).isZero();
  }

  @Test
  void anExpectationLastsAsLongAsTheLastOneOfIt() {
    long[] keys = {1, 2, 3};
    index.expect(5, keys);
    index.expect(5, keys);
    index.withdraw(5, keys);
    assertThat(blocks(keys, 5)).isEqualTo(3);
    index.withdraw(5, keys);
    assertThat(blocks(keys, 5)).isZero();
    assertThat(index.blocks()).isZero();
  }

  @Test
  void refusesNewBlocksWhenFullAndNeverForgetsOldOnes() {
    KvBlockIndex small = new KvBlockIndex(4_000_000, locations, 1);
    int stored = 0;
    while (small.store(0, gpu, new long[] {stored + 1}, 1, new long[] {~stored}, 1)) {
      stored++;
    }
    assertThat(stored).isGreaterThan(50_000);
    assertThat(small.bytes()).isLessThanOrEqualTo(4_000_000);
    KvMatch match = new KvMatch(4);
    for (int i = 0; i < stored; i++) {
      small.match(new long[] {~i}, 0, 1, match);
    }
    assertThat(match.blocks(0)).isEqualTo(stored);
    small.remove(0, gpu, 1);
    assertThat(small.store(0, gpu, new long[] {-7}, 1, new long[] {77}, 1)).isTrue();
  }

  @Test
  void takesTheRoomOfEngineKeysWithoutAHolder() {
    KvBlockIndex small = new KvBlockIndex(4_000_000, locations, 1);
    int stored = 0;
    while (small.store(0, gpu, new long[] {stored + 1}, 1, new long[] {~stored}, 1)) {
      stored++;
    }
    small.clear(0);
    assertThat(small.engineKeys()).isEqualTo(stored);
    for (int i = 0; i < stored / 2; i++) {
      assertThat(small.store(1, gpu, new long[] {-i - 1}, 1, new long[] {i * 31L}, 1)).isTrue();
    }
  }

  /**
   * A key whose blocks another holds in part cannot be forgotten, nor is worth a search each time.
   */
  @Test
  @Timeout(120)
  void isNotSearchedForRoomWithEachBlockThatIsRefused() {
    KvBlockIndex small = new KvBlockIndex(16_000_000, locations, 1);
    small.store(0, gpu, new long[] {1}, 1, new long[] {11, 12}, 2);
    small.store(1, gpu, new long[] {2}, 1, new long[] {11}, 1);
    small.remove(0, gpu, 1);
    long next = 100;
    while (small.store(0, gpu, new long[] {next}, 1, new long[] {~next}, 1)) {
      next++;
    }
    int refused = 0;
    for (int i = 0; i < 1_000_000; i++) {
      refused += small.store(0, gpu, new long[] {next + i}, 1, new long[] {~(next + i)}, 1) ? 0 : 1;
    }
    assertThat(refused).isGreaterThan(900_000); // a part of the table may have room left
  }

  /** An event that comes when an endpoint has left did not do what its keys are looked at for. */
  @Test
  void countsTheSearchForRoomAsWorkOfNoEvent() {
    KvBlockIndex small = new KvBlockIndex(4_000_000, locations, 1);
    int kept = 0;
    while (small.store(0, gpu, new long[] {kept + 1}, 1, new long[] {~kept}, 1)) {
      kept++;
    }
    small.clear(0);
    long before = small.work();
    int stored = 0;
    while (small.engineKeys() >= kept) {
      stored++;
      assertThat(small.store(1, gpu, new long[] {-stored}, 1, new long[] {31L * stored}, 1))
          .isTrue();
    }
    assertThat(small.work() - before).isBetween((long) stored, 2L * stored);
  }

  @Test
  void takesTheRoomOfManyKeysThatMeanFewBlocks() {
    KvBlockIndex small = new KvBlockIndex(4_000_000, locations, 1);
    int events = 0;
    while (small.store(0, gpu, keys(events), 256, new long[] {events}, 1)) {
      events++;
    }
    small.clear(0);
    for (int i = 0; i < events / 2; i++) {
      assertThat(small.store(1, gpu, keys(-i - 1), 256, new long[] {i}, 1)).isTrue();
    }
  }

  private static long[] keys(int event) {
    return LongStream.range(0, 256).map(i -> 256L * event + i).toArray();
  }

  /** All keys mean the same two blocks, of which another holds one: each may lose its holder. */
  @Test
  @Timeout(120)
  void isNotSearchedForRoomWithEachBlockThatIsHeldAndRemoved() {
    KvBlockIndex small = new KvBlockIndex(16_000_000, locations, 1);
    long[] blocks = {11, 12};
    small.store(1, gpu, new long[] {1}, 1, new long[] {12}, 1);
    long next = 100;
    while (small.store(0, gpu, new long[] {next}, 1, blocks, 2)) {
      next++;
    }
    long[] refused = {next};
    for (int i = 0; i < 100_000; i++) {
      assertThat(small.remove(0, gpu, 100)).isTrue();
      assertThat(small.store(0, gpu, refused, 1, blocks, 2)).isFalse();
      assertThat(small.store(0, gpu, new long[] {100}, 1, blocks, 2)).isTrue();
      assertThat(small.store(0, gpu, refused, 1, blocks, 2)).isFalse();
    }
  }

  /** Keys of a model server's choice that would lie in one place, were that not a secret. */
  @Test
  @Timeout(120)
  void countsAnnouncementsOfKeysThatAreMadeToCollide() {
    long holder = HolderSets.holder(0, gpu) * 0x9E3779B97F4A7C15L;
    long[] keys = LongStream.range(1, 400_000).map(i -> (i * INVERSE) ^ holder).toArray();
    for (int times = 0; times < 2; times++) {
      assertThat(index.store(0, gpu, keys, keys.length, new long[] {5}, 1)).isTrue();
    }
    assertThat(index.remove(0, gpu, keys[7])).isFalse();
    assertThat(index.remove(0, gpu, keys[7])).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 16, 64})
  void needsAtMost48BytesForABlockAndHolder(int holders) {
    KvBlockIndex large = new KvBlockIndex(1L << 30, locations, 9);
    int blocks = 400_000 / holders;
    Random random = new Random(holders);
    long[] engine = random.longs(blocks).toArray();
    long[] request = random.longs(blocks).toArray();
    for (int slot = 0; slot < holders; slot++) {
      large.store(slot, gpu, engine, blocks, request, blocks);
    }
    assertThat((double) large.bytes() / blocks / holders).isLessThan(48);
  }

  /** A reader beside a writer neither fails nor loops, and sees what does not change. */
  @Test
  void readersGoOnWhileItChanges() throws InterruptedException {
    long[] chain = LongStream.range(1, 65).toArray();
    index.store(3, gpu, chain, chain.length, chain, chain.length);
    Thread writer =
        Thread.ofPlatform()
            .start(
                () -> {
                  Random random = new Random(1);
                  while (!Thread.currentThread().isInterrupted()) {
                    int slot = 10 + random.nextInt(80);
                    long[] keys = {random.nextInt(1000), random.nextInt(1000) + 5000};
                    index.store(slot, cpu, keys, 2, keys, 2);
                    index.remove(slot, cpu, random.nextInt(1000));
                    index.remove(slot, cpu, random.nextInt(1000) + 5000);
                  }
                });
    KvMatch match = new KvMatch(100);
    for (int i = 0; i < 5_000; i++) {
      match.reset();
      index.match(chain, 0, chain.length, match);
      assertThat(match.blocks(3)).isBetween(0, 64);
    }
    writer.interrupt();
    writer.join();
    match.reset();
    index.match(chain, 0, chain.length, match);
    assertThat(match.blocks(3)).isEqualTo(64);
  }

  private int blocks(long[] keys, int slot) {
    KvMatch match = new KvMatch(slot + 1);
    index.match(keys, 0, keys.length, match);
    return match.blocks(slot);
  }
}
