package ai.llmd.epp.domain.prefix;

import static ai.llmd.epp.domain.prefix.Chains.chain;
import static ai.llmd.epp.domain.prefix.Chains.chains;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class PrefixCacheIndexTest {

  private static final long PLENTY = 64 << 20;
  private static final int MANY = 1_000_000;

  private final PrefixCacheIndex index = new PrefixCacheIndex(PLENTY);

  @Test
  void countsTheBlocksThatEachEndpointHolds() {
    index.record(0, chain(1, 2, 3), MANY);
    index.record(2, chain(1, 2), MANY);
    assertThat(matches(chain(1, 2, 3, 4), 3)).containsExactly(3, 0, 2);
  }

  @Test
  void stopsAtTheFirstBlockWithoutAHolder() {
    index.record(0, chain(1, 3), MANY);
    assertThat(matches(chain(1, 2, 3), 1)).containsExactly(1);
  }

  @Test
  void countsAHeldBlockBehindOneThatOnlyAnotherEndpointHolds() {
    index.record(0, chain(1, 2, 3), MANY);
    index.record(1, chain(3), MANY);
    assertThat(matches(chain(1, 2, 3), 2)).containsExactly(3, 1);
  }

  @Test
  void sumsOverChainsAndWalksEachFromItsStart() {
    index.record(0, chain(1, 2), MANY);
    assertThat(matches(chains(new long[] {9, 1}, new long[] {1, 2, 3}, new long[] {1}), 1))
        .containsExactly(3);
  }

  /** Where blocks are kept is of no concern to whoever asks for them. */
  @Test
  void speaksOfHashesWhateverTheSeed() {
    for (long seed : new long[] {0, 1, 0x9E3779B97F4A7C15L, -1}) {
      var seeded = new PrefixCacheIndex(PLENTY, seed);
      List<Long> learned = new ArrayList<>();
      seeded.record(0, chain(1, 0x4200L, -3), MANY, learned::add);
      assertThat(learned).containsExactly(-3L, 0x4200L, 1L);
      assertThat(seeded.blocksOf(0)).containsExactly(1, 0x4200L, -3);
    }
  }

  @Test
  void recordsTwiceLikeOnce() {
    index.record(3, chain(1, 2, 1), MANY);
    long bytes = index.bytes();
    index.record(3, chain(1, 2, 1), MANY);
    assertThat(index.blocksOf(3).length).isEqualTo(2);
    assertThat(index.heldBlocks()).isEqualTo(2);
    assertThat(index.heldBlocks(3)).isEqualTo(2);
    assertThat(index.heldBlocks(0) + index.heldBlocks(99)).isZero();
    assertThat(index.entries()).isEqualTo(2);
    assertThat(index.bytes()).isEqualTo(bytes);
  }

  @Test
  void knowsTheHashZero() {
    index.record(0, chain(0, 5), MANY);
    assertThat(matches(chain(0, 5), 1)).containsExactly(2);
    index.forget(0);
    assertThat(matches(chain(0, 5), 1)).containsExactly(0);
  }

  @Test
  void ignoresSlotsBeyondTheCounters() {
    index.record(70, chain(1, 2), MANY);
    index.record(0, chain(1), MANY);
    assertThat(matches(chain(1, 2), 1)).containsExactly(1);
    for (int slot = 1; slot < 10; slot++) {
      index.record(slot, chain(1), MANY);
    }
    assertThat(matches(chain(1, 2), 2)).containsExactly(1, 1);
  }

  @Test
  void forgetsOneEndpointAndKeepsTheOthers() {
    index.record(0, chain(1, 2, 3), MANY);
    index.record(1, chain(1, 2), MANY);
    index.forget(0);
    index.forget(0);
    index.forget(99);
    assertThat(matches(chain(1, 2, 3), 2)).containsExactly(0, 2);
    assertThat(index.blocksOf(0).length).isZero();
    assertThat(index.blocksOf(99).length).isZero();
    assertThat(index.entries()).isEqualTo(2);
  }

  @Test
  void refusesSlotsThatItCannotNameAndBudgetsThatHoldNothing() {
    assertThatThrownBy(() -> index.record(-1, chain(1), 1)).hasMessageContaining("-1");
    assertThatThrownBy(() -> index.record(32_766, chain(1), 1)).hasMessageContaining("32766");
    assertThatThrownBy(() -> new PrefixCacheIndex(1_000)).hasMessageContaining("maxBytes");
  }

  @Test
  void fixesTheCapacityWhenAnEndpointIsFirstRecorded() {
    index.record(0, chain(1), 2);
    index.record(0, chain(2, 3, 4), MANY);
    assertThat(index.blocksOf(0).length).isEqualTo(2);
    index.forget(0);
    index.record(0, chain(1, 2, 3, 4), MANY);
    assertThat(index.blocksOf(0).length).isEqualTo(4);
    index.record(1, chain(1, 2), 0);
    assertThat(index.blocksOf(1).length).isEqualTo(1);
  }

  /** Records blocks, and returns those that were new. */
  private long[] learned(PrefixCacheIndex by, int slot, long... hashes) {
    List<Long> learned = new ArrayList<>();
    by.record(slot, chain(hashes), MANY, learned::add);
    return learned.stream().mapToLong(Long::longValue).toArray();
  }

  @Test
  void takesBackWhatARequestTaughtThatNeverArrived() {
    index.record(0, chain(1, 2), MANY);
    index.record(1, chain(1, 2, 3, 4), MANY);
    long[] learned = learned(index, 0, 1, 2, 3, 4);
    index.takeBack(0, learned);
    assertThat(matches(chain(1, 2, 3, 4), 2)).containsExactly(2, 4);
    assertThat(index.blocksOf(0)).containsExactlyInAnyOrder(1, 2);
    index.takeBack(0, learned);
    index.takeBack(7, learned);
    assertThat(index.blocksOf(0)).hasSize(2);
  }

  @Test
  void keepsWhatAnotherRequestHasUsedSince() {
    long[] learned = learned(index, 0, 1, 2, 3);
    index.record(0, chain(1, 2), MANY);
    index.takeBack(0, learned);
    assertThat(matches(chain(1, 2, 3), 1)).containsExactly(2);
  }

  @Test
  void takesBackInAnyOrderAndLosesNoMemory() {
    for (long seed = 0; seed < 200; seed++) {
      var random = new Random(seed);
      var any = new PrefixCacheIndex(PLENTY);
      long empty = any.bytes();
      Map<Integer, long[]> taught = new HashMap<>();
      Set<Long> held = new HashSet<>();
      for (int i = 0; i < 40; i++) {
        long[] hashes =
            LongStream.range(1_000L * i, 1_000L * i + random.nextInt(300))
                .map(h -> h + 1)
                .toArray();
        taught.put(i, learned(any, 0, hashes));
        LongStream.of(hashes).forEach(held::add);
        long[] gone = taught.remove(random.nextInt(i + 1));
        if (gone != null) {
          any.takeBack(0, gone);
          LongStream.of(gone).forEach(held::remove);
        }
        long[] blocks = any.blocksOf(0);
        assertThat(blocks).as("seed %d", seed).hasSize(held.size());
        // equal sets, found by hash: the assertions on lists compare each with each
        assertThat(LongStream.of(blocks).boxed().collect(Collectors.toSet()).equals(held))
            .as("seed %d", seed)
            .isTrue();
        assertThat(any.heldBlocks()).isEqualTo(held.size());
      }
      any.forget(0);
      assertThat(any.entries()).isZero();
      any.record(0, chain(5), MANY);
      any.takeBack(0, learned(any, 0, 6));
      any.forget(0);
      assertThat(any.bytes()).as("seed %d", seed).isGreaterThanOrEqualTo(empty);
    }
  }

  @Test
  void keepsTheBeginningOfAChainThatExceedsTheCapacity() {
    index.record(0, chain(1, 2, 3, 4), 3);
    assertThat(matches(chain(1, 2, 3, 4), 1)).containsExactly(3);
  }

  @Test
  void evictsTheEndOfTheOldestChainFirst() {
    index.record(0, chain(1, 2, 3), 4);
    index.record(0, chain(11, 12), 4);
    assertThat(matches(chain(1, 2, 3), 1)).containsExactly(2);
    assertThat(matches(chain(11, 12), 1)).containsExactly(2);
  }

  @Test
  void givesBlocksThatWereRecordedAgainASecondChance() {
    index.record(0, chain(1), 3);
    index.record(0, chain(2), 3);
    index.record(0, chain(3), 3);
    index.record(0, chain(1), 3);
    index.record(0, chain(4), 3);
    assertThat(matches(chain(1), 1)).containsExactly(1);
    assertThat(matches(chain(2), 1)).containsExactly(0);
  }

  @Test
  void evictsForOneEndpointOnly() {
    for (int slot = 0; slot < 8; slot++) {
      index.record(slot, chain(1, 2), slot == 0 ? 2 : MANY);
    }
    index.record(0, chain(3, 4), 2);
    assertThat(matches(chain(1, 2), 8)).containsExactly(0, 2, 2, 2, 2, 2, 2, 2);
  }

  /** Without eviction the index is a map from blocks to sets of endpoints, whatever the order. */
  @RepeatedTest(60)
  void matchesAMapOfSetsAsLongAsNothingIsEvicted(RepetitionInfo round) {
    var random = new Random(round.getCurrentRepetition());
    int slots = 1 + random.nextInt(round.getCurrentRepetition() % 3 == 0 ? 300 : 12);
    int alphabet = 1 + random.nextInt(400);
    Map<Long, Set<Integer>> model = new HashMap<>();
    for (int step = 0; step < 400; step++) {
      int slot = random.nextInt(slots);
      PrefixBlocks blocks = randomChains(random, alphabet);
      switch (random.nextInt(12)) {
        case 0 -> {
          index.forget(slot);
          model.values().forEach(holders -> holders.remove(slot));
          model.values().removeIf(Set::isEmpty);
        }
        case 1, 2, 3, 4, 5 -> {
          index.record(slot, blocks, MANY);
          for (long hash : blocks.hashes()) {
            model.computeIfAbsent(hash, h -> new HashSet<>()).add(slot);
          }
        }
        default -> assertThat(matches(blocks, slots)).isEqualTo(expected(model, blocks, slots));
      }
    }
    assertThat(index.entries()).isEqualTo(model.size());
    assertThat(index.heldBlocks()).isEqualTo(model.values().stream().mapToInt(Set::size).sum());
  }

  /** With eviction it holds a subset of that map, within every bound, and what is new is there. */
  @RepeatedTest(20)
  void staysWithinCapacityAndRemembersOnlyWhatWasRecorded(RepetitionInfo round) {
    var random = new Random(round.getCurrentRepetition());
    int slots = 1 + random.nextInt(round.getCurrentRepetition() % 2 == 0 ? 150 : 8);
    int capacity = 1 + random.nextInt(300);
    Map<Long, Set<Integer>> everRecorded = new HashMap<>();
    for (int step = 0; step < 800; step++) {
      int slot = random.nextInt(slots);
      PrefixBlocks blocks = randomChains(random, 3_000);
      index.record(slot, blocks, capacity);
      for (long hash : blocks.hashes()) {
        everRecorded.computeIfAbsent(hash, h -> new HashSet<>()).add(slot);
      }
      assertThat(index.blocksOf(slot).length).isBetween(1, capacity);
      int[] now = matches(blocks, slots);
      assertThat(now[slot]).isPositive();
      int[] most = expected(everRecorded, blocks, slots);
      assertThat(IntStream.range(0, slots).noneMatch(i -> now[i] > most[i])).isTrue();
    }
    for (int slot = 0; slot < slots; slot++) {
      index.forget(slot);
    }
    assertThat(List.of(index.entries(), index.heldBlocks())).containsExactly(0L, 0L);
  }

  private int[] matches(PrefixBlocks blocks, int slots) {
    int[] matched = new int[slots];
    index.match(blocks, matched);
    return matched;
  }

  private static PrefixBlocks randomChains(Random random, int alphabet) {
    long[][] chains = new long[1 + random.nextInt(3)][];
    for (int i = 0; i < chains.length; i++) {
      chains[i] =
          random.ints(1 + random.nextInt(20), 0, alphabet).mapToLong(n -> Chains.hash(n)).toArray();
    }
    return chains(chains);
  }

  private static int[] expected(Map<Long, Set<Integer>> model, PrefixBlocks blocks, int slots) {
    int[] matched = new int[slots];
    for (int chain = 0; chain < blocks.chains(); chain++) {
      for (int at = blocks.start(chain); at < blocks.ends()[chain]; at++) {
        Set<Integer> holders = model.get(blocks.hashes()[at]);
        if (holders == null) {
          break;
        }
        holders.forEach(slot -> matched[slot]++);
      }
    }
    return matched;
  }
}
