package ai.llmd.epp.domain.scheduling.handler;

import static ai.llmd.epp.domain.scheduling.handler.StagedRun.profiles;
import static ai.llmd.epp.domain.scheduling.handler.StagedRun.ranks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.scheduling.Decider;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PdProfileHandlerTest {

  private static final Decider YES = (cycle, decode) -> true;
  private static final Decider NO = (cycle, decode) -> false;

  private static PdProfileHandler pd(int primaryPort, Decider decider) {
    return new PdProfileHandler(
        new PdProfileHandler.Parameters("decode", "prefill", "d", primaryPort, "", "", ""),
        decider);
  }

  @Test
  void theDeciderChoosesWhetherAnotherEndpointPrefills() {
    PdProfileHandler dividing = pd(0, YES);
    StagedRun divided = profiles().picking("decode", 0).picking("prefill", 1).run(dividing);
    assertThat(divided.ran()).containsExactly("decode", "prefill");
    assertThat(divided.results()).containsOnlyKeys("decode", "prefill");
    assertThat(divided.primary()).isEqualTo("decode");
    assertThat(divided.headers().toSet()).isEmpty();
    assertThat(dividing.decided(divided.scheduled().results()))
        .isEqualTo(Disaggregation.PREFILL_DECODE);

    PdProfileHandler keeping = pd(0, NO);
    StagedRun kept = profiles().picking("decode", 0).picking("prefill", 1).run(keeping);
    assertThat(kept.ran()).containsExactly("decode");
    assertThat(keeping.decided(kept.scheduled().results())).isEqualTo(Disaggregation.DECODE_ONLY);
  }

  @Test
  void onlyTheDecodingRankIsReachedThroughThePrimaryPort() {
    StagedRun run =
        profiles().picking("decode", 2).picking("prefill", 1).run(pd(8000, YES), ranks());

    assertThat(run.results())
        .isEqualTo(Map.of("decode", List.of("10.0.0.1:8000"), "prefill", List.of("10.0.0.1:8001")));
    assertThat(run.headers().toSet())
        .isEqualTo(Map.of("x-data-parallel-host-port", "10.0.0.1:8002"));
  }

  @Test
  void prefillIsDoneWithoutWhenItFindsNoEndpoint() {
    StagedRun run = profiles().picking("decode", 0).failing("prefill").run(pd(0, YES));
    assertThat(run.ran()).containsExactly("decode", "prefill");
    assertThat(run.results()).containsOnlyKeys("decode");
  }

  @Test
  void withoutAnEndpointToDecodeTheRequestFails() {
    assertThat(profiles().failing("decode").picking("prefill", 1).run(pd(0, YES)).failure())
        .isEqualTo("all filtered in decode");
    assertThat(profiles().picking("prefill", 1).run(pd(0, YES)).failure())
        .isEqualTo("no profile ran");
  }

  @Test
  void theMatchesThatAreNamedMustBeProduced() {
    var parameters =
        new PdProfileHandler.Parameters("decode", "prefill", "d", 0, "precise", "", "");
    assertThat(new PdProfileHandler(parameters, YES).requires())
        .contains(PrefixMatches.key("precise"), PrefixMatches.keyOrDefault(""));
  }

  @Test
  void aPrimaryPortMustBeAPort() {
    assertThatThrownBy(() -> pd(65_536, YES))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("primaryPort must be within 0 and 65535, was 65536");
  }
}
