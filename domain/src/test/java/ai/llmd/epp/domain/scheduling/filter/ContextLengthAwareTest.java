package ai.llmd.epp.domain.scheduling.filter;

import static ai.llmd.epp.domain.scheduling.CycleFixture.inOrder;
import static ai.llmd.epp.domain.scheduling.CycleFixture.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.request.ByteSink;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.filter.ContextLengthAware.Parameters;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContextLengthAwareTest {

  private static final String LABEL = "llm-d.ai/context-length-range";
  private static final @Nullable String NO_LABEL = null;

  @Test
  void prefersNarrowRangesWithRoomThenNearOnes() {
    assertThat(scores(1500, "0-2048", "2048-8192", "0-32768", "1500-1500", "0-1000"))
        .containsExactly(
            new double[] {
              0.7628979135541167, 0.19379844961240308, 0.6149586052400451, 1, 0.19999999999999998
            },
            within(1e-12));
  }

  @Test
  void addsThePromptsUp() {
    assertThat(scores(new int[] {100, 150}, "0-500", "5000-9000"))
        .containsExactly(new double[] {0.8716666666666666, 0.05217391304347826}, within(1e-12));
  }

  @Test
  void scoresEndpointsWithoutTheLabelInTheMiddle() {
    assertThat(scores(700, NO_LABEL)).containsExactly(0.5);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "abc",
        "10",
        "10-",
        "-10",
        "+-5",
        "10-5",
        "1-2-3",
        "1--2",
        "0x1-9",
        "1.0-2",
        "0-100,200-300",
        "0-9223372036854775808",
        "0-99999999999999999999"
      })
  void scoresUnreadableLabelsZeroAndDropsThem(String range) {
    assertThat(scores(7, range)).containsExactly(0.0);
    assertThat(kept(true, 7, range)).isEmpty();
  }

  @Test
  void readsLabelsWithSpacesAndSigns() {
    assertThat(scores(700, " 0 - 1024 ", "0-1024", "+0-+1024"))
        .containsExactly(
            new double[] {0.8109300730224962, 0.8109300730224962, 0.8109300730224962},
            within(1e-12));
    assertThat(kept(true, Integer.MAX_VALUE, "5-9223372036854775807")).containsExactly("pod-0");
  }

  @Test
  void countsNoTokensWithoutAPrompt() {
    SchedulingCycle cycle = labelled("0-2048", "1-2048", NO_LABEL).build();
    assertThat(inOrder(cycle, aware(false).score(cycle)))
        .containsExactly(new double[] {0.9167065073041167, 0.2997002997002997, 0.5}, within(1e-12));
  }

  @Test
  void keepsRangesThatThePromptFitsWhenFiltering() {
    assertThat(kept(true, 2048, "0-2048", "2048-4096", "2049-9000", NO_LABEL, "bad"))
        .containsExactly("pod-0", "pod-1", "pod-3");
    assertThat(kept(true, 9, "500-600", "10-20")).isEmpty();
  }

  @Test
  void keepsAllUnlessFiltering() {
    assertThat(kept(false, 9, "500-600", "bad")).containsExactly("pod-0", "pod-1");
  }

  @Test
  void refusesAnEmptyLabel() {
    assertThatThrownBy(() -> new Parameters("", true)).hasMessage("label must not be empty");
  }

  @Test
  void requiresThePromptsTokens() {
    assertThat(aware(true).requires()).containsExactly(TokenizedPrompt.KEY);
  }

  private static double[] scores(int tokens, @Nullable String... ranges) {
    return scores(new int[] {tokens}, ranges);
  }

  private static double[] scores(int[] prompts, @Nullable String... ranges) {
    SchedulingCycle cycle = labelled(ranges).fact(TokenizedPrompt.KEY, new Counts(prompts)).build();
    return inOrder(cycle, aware(false).score(cycle));
  }

  private static List<String> kept(boolean isFiltering, int tokens, @Nullable String... ranges) {
    SchedulingCycle cycle =
        labelled(ranges).fact(TokenizedPrompt.KEY, new Counts(new int[] {tokens})).build();
    return names(aware(isFiltering).filter(cycle));
  }

  private static ContextLengthAware aware(boolean isFiltering) {
    return new ContextLengthAware(new Parameters(LABEL, isFiltering));
  }

  private static CycleFixture labelled(@Nullable String... ranges) {
    var fixture = new CycleFixture();
    for (String range : ranges) {
      fixture.endpoint(EndpointLoad.UNSAMPLED, range == null ? Map.of() : Map.of(LABEL, range));
    }
    return fixture;
  }

  /** Prompts of which only the lengths matter. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Counts(int[] lengths) implements TokenizedPrompt {

    @Override
    public int prompts() {
      return lengths.length;
    }

    @Override
    public int tokens(int prompt) {
      return lengths[prompt];
    }

    @Override
    public void writeTokens(int prompt, ByteSink sink) {
      throw new UnsupportedOperationException();
    }

    @Override
    public String cacheSalt() {
      return "";
    }

    @Override
    public List<Feature> features(int prompt) {
      return List.of();
    }
  }
}
