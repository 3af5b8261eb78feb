package ai.llmd.epp.domain.scheduling.handler;

import static ai.llmd.epp.domain.scheduling.handler.StagedRun.profiles;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HeaderProfileHandlerTest {

  private static SchedulingCycle asking(String header, String value) {
    return new CycleFixture().idle(4).headers(Map.of(header, value)).build();
  }

  private static HeaderProfileHandler handler(String headerName, String defaultProfile) {
    return new HeaderProfileHandler(
        new HeaderProfileHandler.Parameters(headerName, defaultProfile));
  }

  private static StagedRun run(HeaderProfileHandler handler, SchedulingCycle cycle) {
    return profiles().picking("decode", 0).picking("prefill", 1).run(handler, cycle);
  }

  @Test
  void theHeaderNamesTheProfile() {
    StagedRun run = run(handler("", ""), asking("epp-profile", " prefill "));
    assertThat(run.ran()).containsExactly("prefill");
    assertThat(run.primary()).isEqualTo("prefill");
  }

  @Test
  void aMissingOrBlankHeaderMeansTheDefault() {
    assertThat(run(handler("", ""), asking("x-other", "prefill")).ran()).containsExactly("decode");
    assertThat(run(handler("", ""), asking("epp-profile", "  ")).ran()).containsExactly("decode");
    assertThat(run(handler("", " prefill "), asking("x-other", "")).ran())
        .containsExactly("prefill");
  }

  @Test
  void theHeaderMayHaveAnotherNameInAnySpelling() {
    assertThat(run(handler(" X-Stage ", ""), asking("x-stage", "prefill")).ran())
        .containsExactly("prefill");
  }

  @Test
  void aProfileThatIsNotConfiguredRunsNothing() {
    assertThat(run(handler("", ""), asking("epp-profile", "nope")).failure())
        .isEqualTo("no profile ran");
    assertThat(run(handler("", ""), asking("epp-profile", "Decode")).failure())
        .isEqualTo("no profile ran");
    assertThat(run(handler("", "zzz"), asking("x-other", "")).failure())
        .isEqualTo("no profile ran");
  }

  @Test
  void theOnlyProfileRunsWhateverTheHeader() {
    StagedRun run = profiles().picking("x", 2).run(handler("", ""), asking("epp-profile", "nope"));
    assertThat(run.ran()).containsExactly("x");
  }

  @Test
  void aProfileWithoutAnEndpointFailsTheRequest() {
    StagedRun run = profiles().failing("decode").picking("prefill", 1).run(handler("", ""));
    assertThat(run.failure()).isEqualTo("all filtered in decode");
  }
}
