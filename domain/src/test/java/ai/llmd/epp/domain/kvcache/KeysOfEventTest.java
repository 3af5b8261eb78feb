package ai.llmd.epp.domain.kvcache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

class KeysOfEventTest {

  @RepeatedTest(20)
  void knowsTheKeysBeforeEachOfAnEventAndNoneOfAnEarlierOne(RepetitionInfo round) {
    Random random = new Random(round.getCurrentRepetition());
    KeysOfEvent seen = new KeysOfEvent(random.nextLong());
    for (int event = 0; event < 10; event++) {
      int length = random.nextInt(10_000);
      long[] keys = random.longs(length, 0, 1 + length).toArray(); // 0 among them
      Set<Long> before = new HashSet<>();
      seen.begin();
      for (int at = 0; at < length; at++) {
        if (random.nextBoolean()) {
          assertThat(seen.isAmongFormer(keys, at)).isEqualTo(before.contains(keys[at]));
        }
        before.add(keys[at]);
      }
    }
  }
}
