package ai.llmd.epp.simulator.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class PrefixCacheTest {

  /** Random chains that share beginnings come and go; a set of what is pinned is the oracle. */
  @RepeatedTest(50)
  void pinsExactlyWhatRunningChainsUse(RepetitionInfo round) {
    Random random = new Random(round.getCurrentRepetition());
    int capacity = 20 + random.nextInt(40);
    PrefixCache cache = new PrefixCache(capacity);
    List<long[]> running = new ArrayList<>();
    for (int step = 0; step < 500; step++) {
      if (!running.isEmpty() && random.nextInt(3) == 0) {
        cache.unpin(running.remove(random.nextInt(running.size())));
      } else {
        long[] chain = chain(random);
        Set<Long> wanted = pinned(running);
        add(wanted, chain);
        assertThat(cache.fits(chain)).isEqualTo(wanted.size() <= capacity);
        if (cache.fits(chain)) {
          cache.pin(chain);
          running.add(chain);
          assertThat(cache.leadingHits(chain)).isEqualTo(chain.length);
        }
      }
      assertThat(cache.pinned()).isEqualTo(pinned(running).size());
    }
    for (long[] chain : running) {
      assertThat(cache.leadingHits(chain)).isEqualTo(chain.length);
    }
  }

  @Test
  void refusesToUnpinWhatIsNotPinned() {
    PrefixCache cache = new PrefixCache(3);

    assertThatThrownBy(() -> cache.unpin(new long[] {1})).isInstanceOf(IllegalStateException.class);
  }

  /** After it has been cleared, a cache holds what came since, and no more than its capacity. */
  @RepeatedTest(20)
  void findsNothingThatCameBeforeItWasCleared(RepetitionInfo round) {
    Random random = new Random(round.getCurrentRepetition());
    PrefixCache cache = new PrefixCache(200);
    List<long[]> running = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      long[] chain = chain(random);
      cache.pin(chain);
      if (random.nextBoolean()) {
        running.add(chain);
      } else {
        cache.unpin(chain);
      }
    }

    cache.clear();

    for (int family = 0; family < 4; family++) {
      assertThat(cache.leadingHits(new long[] {family * 100L})).isZero();
    }
    assertThat(cache.pinned()).isEqualTo(pinned(running).size());
    long[] recomputed = running.isEmpty() ? chain(random) : running.getFirst();
    cache.pin(recomputed);
    assertThat(cache.leadingHits(recomputed)).isEqualTo(recomputed.length);
    running.forEach(cache::unpin);
    assertThat(cache.pinned()).isEqualTo(recomputed.length);
    cache.unpin(recomputed);
    assertThat(cache.leadingHits(recomputed)).isEqualTo(recomputed.length);
    assertThat(cache.pinned()).isZero();
  }

  /** One of four families; a block's hash has its family and depth, so beginnings are shared. */
  private static long[] chain(Random random) {
    long[] chain = new long[1 + random.nextInt(20)];
    int family = random.nextInt(4);
    Arrays.setAll(chain, depth -> family * 100L + depth);
    return chain;
  }

  private static Set<Long> pinned(List<long[]> chains) {
    Set<Long> hashes = new HashSet<>();
    chains.forEach(chain -> add(hashes, chain));
    return hashes;
  }

  private static void add(Set<Long> hashes, long[] chain) {
    for (long hash : chain) {
      hashes.add(hash);
    }
  }
}
