package ai.llmd.epp.domain.scheduling.scorer;

import static ai.llmd.epp.domain.scheduling.CycleFixture.inOrder;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.facts.EncoderCacheMatches;
import ai.llmd.epp.domain.facts.EncoderCacheMatches.Item;
import ai.llmd.epp.domain.request.PromptPiece.Modality;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.scorer.MmEmbeddingsCacheScorer.Parameters;
import java.util.List;
import org.junit.jupiter.api.Test;

class MmEmbeddingsCacheScorerTest {

  private static final Item SMALL = item("i1", 100);
  private static final Item LARGE = item("i2", 300);
  private static final Item TINY = item("i3", 50);
  private static final List<Item> ALL = List.of(SMALL, LARGE, TINY);

  @Test
  void givesTheHeldShareOfAllSizes() {
    var matches =
        new EncoderCacheMatches(ALL, List.of(List.of(SMALL), List.of(LARGE), ALL, List.of()));
    assertThat(scores("", matches))
        .containsExactly(0.2222222222222222, 0.6666666666666666, 1, 0, 0);
  }

  @Test
  void itemsWithoutASizeSayNothing() {
    Item none = item("i", 0);
    var matches = new EncoderCacheMatches(List.of(none), List.of(List.of(none)));
    assertThat(scores("", matches)).containsExactly(0, 0, 0, 0, 0);
  }

  @Test
  void sizesAreSummedBeyondTheRangeOfAnInt() {
    Item half = item("h", Integer.MAX_VALUE);
    List<Item> four = List.of(half, half, half, half);
    assertThat(scores("", new EncoderCacheMatches(four, List.of(List.of(half)))))
        .containsExactly(0.25, 0, 0, 0, 0);
  }

  @Test
  void readsTheProducerThatItsParametersName() {
    var matches = new EncoderCacheMatches(ALL, List.of(ALL));
    assertThat(scores("mine", matches)).containsExactly(0, 0, 0, 0, 0);
    assertThat(new MmEmbeddingsCacheScorer(new Parameters("mine")).requires())
        .containsExactly(EncoderCacheMatches.key("mine"));
  }

  /** Of five endpoints, where the default producer found these matches. */
  private static double[] scores(String producer, EncoderCacheMatches matches) {
    SchedulingCycle cycle =
        new CycleFixture().idle(5).fact(EncoderCacheMatches.keyOrDefault(""), matches).build();
    return inOrder(cycle, new MmEmbeddingsCacheScorer(new Parameters(producer)).score(cycle));
  }

  private static Item item(String hash, int size) {
    return new Item(hash, size, Modality.IMAGE);
  }
}
