package ai.llmd.epp.domain.scheduling.handler;

import static ai.llmd.epp.domain.scheduling.handler.StagedRun.profiles;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.routing.HeaderChanges;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.handler.DisaggParameters.Profiles;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DisaggHeadersHandlerTest {

  @Test
  void headersAreWrittenForAnotherHandler() {
    var parameters =
        new DisaggParameters(
            "prefill", new Profiles(null, "pp", null), null, null, null, null, null, null, null);
    StagedRun run =
        profiles()
            .picking("decode", 0)
            .picking("pp", 1)
            .run(new DisaggProfileHandler(parameters, null, null));
    HeaderChanges headers = new HeaderChanges();

    new DisaggHeadersHandler(new DisaggHeadersHandler.Parameters("pp", "ee"))
        .onRouted(
            new RoutedRequest(
                run.cycle().request(),
                run.cycle().facts(),
                "decode",
                run.scheduled().primary(),
                run.scheduled().results(),
                headers));

    assertThat(headers.toSet()).isEqualTo(Map.of("x-prefiller-host-port", "10.0.0.2:8000"));
    assertThat(headers.isRemoved("x-encoder-hosts-ports")).isTrue();
  }

  @Test
  void bothNamesAreReportedAsOne() {
    assertThat(DisaggHeadersHandler.DEPRECATED_TYPE.name()).isEqualTo("prefill-header-handler");
    assertThat(DisaggHeadersHandler.DEPRECATED_TYPE.reportedAs())
        .isEqualTo("disagg-headers-handler");
    assertThat(DisaggHeadersHandler.DEPRECATED_TYPE.replacement())
        .contains("disagg-profile-handler");
  }
}
