package ai.llmd.epp.domain.scheduling.decider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.facts.TokenizedPrompt.Feature;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.request.PromptPiece.Modality;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.Decider;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecidersTest {

  private static Decider prefixBased(int nonCachedTokens, int promptTokens) {
    return new PrefixBasedDecider(new PrefixBasedDecider.Parameters(nonCachedTokens, promptTokens));
  }

  /** Blocks of 16 tokens; the first endpoint holds so many. */
  private static SchedulingCycle cycle(int tokens, int cachedBlocks) {
    return new CycleFixture()
        .idle(2)
        .fact(TokenizedPrompt.KEY, TokenCounts.of(tokens))
        .fact(
            PrefixMatches.keyOrDefault(""),
            PrefixMatches.uniform(new int[] {cachedBlocks, 0}, 64, 16))
        .build();
  }

  private static boolean decides(Decider decider, SchedulingCycle cycle) {
    return decider.disaggregates(cycle, cycle.candidates().get(0));
  }

  @Test
  void alwaysMeansAlways() {
    SchedulingCycle cycle = new CycleFixture().idle(1).build();
    assertThat(new AlwaysDisaggDecider().disaggregates(cycle, null)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    // the tables of the reference's documentation
    "500, 100, 10, true",
    "500, 100, 30, false",
    "260, 100, 10, true",
    "99, 100, 0, false",
    "15, 16, 0, false",
    "16, 16, 0, true",
    "64, 16, 3, true",
    "64, 16, 4, false",
    "40, 16, 2, false",
    "500, 0, 0, false"
  })
  void uncachedTokensDecide(int tokens, int nonCachedTokens, int cachedBlocks, boolean expected) {
    assertThat(decides(prefixBased(nonCachedTokens, 0), cycle(tokens, cachedBlocks)))
        .isEqualTo(expected);
  }

  @Test
  void aPromptThatIsTooShortIsLeftToTheDecodingEndpoint() {
    Decider decider = prefixBased(10, 200);
    assertThat(decides(decider, cycle(199, 0))).isFalse();
    assertThat(decides(decider, cycle(200, 0))).isTrue();
  }

  @Test
  void blocksOfEveryTierCountUnweighted() {
    SchedulingCycle cycle =
        new CycleFixture()
            .idle(1)
            .fact(TokenizedPrompt.KEY, TokenCounts.of(500))
            .fact(
                PrefixMatches.keyOrDefault(""),
                new PrefixMatches(new int[] {10}, new int[] {32}, new int[] {16}, new int[] {30}))
            .build();
    assertThat(decides(prefixBased(100, 0), cycle)).isFalse();
  }

  @Test
  void theMatchesOfTheEndpointThatDecodesCount() {
    SchedulingCycle cycle = cycle(500, 31);
    Candidate other = cycle.candidates().get(1);
    Decider decider = prefixBased(100, 0);
    assertThat(decides(decider, cycle)).isFalse();
    assertThat(decider.disaggregates(cycle, other)).isTrue();
  }

  @Test
  void nothingIsDecidedForWithoutFacts() {
    Decider decider = prefixBased(1, 0);
    SchedulingCycle untokenized =
        new CycleFixture()
            .idle(1)
            .fact(PrefixMatches.keyOrDefault(""), PrefixMatches.uniform(new int[] {0}, 4, 16))
            .build();
    SchedulingCycle unmatched =
        new CycleFixture().idle(1).fact(TokenizedPrompt.KEY, TokenCounts.of(500)).build();
    SchedulingCycle matchedByAnother =
        new CycleFixture()
            .idle(1)
            .fact(TokenizedPrompt.KEY, TokenCounts.of(500))
            .fact(PrefixMatches.key("precise"), PrefixMatches.uniform(new int[] {0}, 4, 16))
            .build();
    assertThat(decides(decider, untokenized)).isFalse();
    assertThat(decides(decider, unmatched)).isFalse();
    assertThat(decides(decider, matchedByAnother)).isFalse();
    assertThat(decider.disaggregates(cycle(500, 0), null)).isFalse();
  }

  @Test
  void anyFeatureOfAnyPromptIsMultimodal() {
    var image = new Feature(Modality.IMAGE, "hash", 0, 4);
    var second = new TokenCounts(List.of(3, 5), List.of(List.of(), List.of(image)));
    Decider decider = new MultimodalDecider();
    assertThat(decides(decider, tokenized(second))).isTrue();
    assertThat(decides(decider, tokenized(TokenCounts.of(20)))).isFalse();
    assertThat(decider.disaggregates(tokenized(second), null)).isTrue();
    assertThat(decides(decider, new CycleFixture().idle(1).build())).isFalse();
  }

  private static SchedulingCycle tokenized(TokenizedPrompt prompt) {
    return new CycleFixture().idle(1).fact(TokenizedPrompt.KEY, prompt).build();
  }

  @Test
  void thresholdsBelowZeroAreRefused() {
    assertThatThrownBy(() -> prefixBased(-1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("nonCachedTokens must be 0 or more, was -1");
    assertThatThrownBy(() -> prefixBased(0, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("promptTokens must be 0 or more, was -1");
  }
}
