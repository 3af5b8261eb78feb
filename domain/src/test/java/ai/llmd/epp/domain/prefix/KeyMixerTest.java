package ai.llmd.epp.domain.prefix;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyMixerTest {

  @ParameterizedTest
  @ValueSource(longs = {0, 1, -1, 6, 0x9E3779B97F4A7C15L, Long.MIN_VALUE, Long.MAX_VALUE})
  void isOneToOne(long seed) {
    KeyMixer mixer = KeyMixer.of(seed);
    assertThat(mixer.factor() * mixer.inverse()).isOne();
    Random random = new Random(seed);
    for (int i = 0; i < 10_000; i++) {
      long hash = random.nextLong() >>> random.nextInt(64);
      long key = mixer.key(hash);
      assertThat(key).isNotZero();
      assertThat(mixer.hash(key)).isEqualTo(hash == 0 ? 1 : hash);
    }
  }

  /** Blocks that share a table and a sixteenth of it: five seconds find them for a whole prompt. */
  @Test
  void scattersHashesThatWereChosenToMeet() {
    for (int round = 0; round < 20; round++) {
      KeyMixer mixer = KeyMixer.random();
      Random random = new Random(round);
      int[] perTable = new int[256];
      Set<Long> sixteenths = new HashSet<>();
      Set<Long> places = new HashSet<>();
      for (int i = 0; i < 2_048; i++) {
        long hash = (random.nextLong() >>> 4 & ~0xFFL) | 0x42;
        long key = mixer.key(hash);
        perTable[(int) key & 0xFF]++;
        sixteenths.add(key >>> 60);
        places.add(key >>> 44);
      }
      assertThat(Arrays.stream(perTable).max().getAsInt()).isLessThan(64);
      assertThat(sixteenths).hasSize(16);
      assertThat(places).hasSizeGreaterThan(1_900);
    }
  }

  @Test
  void isAnotherInEachProcess() {
    assertThat(KeyMixer.random()).isNotEqualTo(KeyMixer.random());
  }
}
