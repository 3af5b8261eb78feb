package ai.llmd.epp.domain.scheduling.filter;

import static ai.llmd.epp.domain.scheduling.CycleFixture.names;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.catalogue.FakeContext;
import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.catalogue.Stability;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.Filter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RoleFilterTest {

  private static final String LABEL = "llm-d.ai/role";

  private static final List<String> ROLES =
      List.of(
          "decode",
          "prefill",
          "encode",
          "prefill-decode",
          "encode-prefill",
          "encode-prefill-decode",
          "both",
          "Decode",
          "other",
          "");

  @Test
  void decodeKeepsWhatDecodesAndWhatHasNoRole() {
    assertThat(kept(RoleFilter.DECODE_TYPE))
        .containsExactly("decode", "prefill-decode", "encode-prefill-decode", "both", "unlabelled");
  }

  @Test
  void prefillKeepsWhatPrefills() {
    assertThat(kept(RoleFilter.PREFILL_TYPE))
        .containsExactly(
            "prefill", "prefill-decode", "encode-prefill", "encode-prefill-decode", "both");
  }

  @Test
  void encodeKeepsWhatEncodes() {
    assertThat(kept(RoleFilter.ENCODE_TYPE))
        .containsExactly("encode", "encode-prefill", "encode-prefill-decode");
  }

  @Test
  void allReportThemselvesByLabel() {
    assertThat(List.of(RoleFilter.DECODE_TYPE, RoleFilter.PREFILL_TYPE, RoleFilter.ENCODE_TYPE))
        .allMatch(type -> type.reportedAs().equals("by-label"))
        .allMatch(type -> type.stability() == Stability.BETA)
        .allMatch(type -> type.replacement().isEmpty());
  }

  private static List<String> kept(PluginType<NoParameters> type) {
    var fixture = new CycleFixture();
    ROLES.forEach(role -> add(fixture, role.isEmpty() ? "empty" : role, Map.of(LABEL, role)));
    add(fixture, "unlabelled", Map.of());
    Filter filter = (Filter) type.create(new NoParameters(), FakeContext.named("f"));
    return names(filter.filter(fixture.build()));
  }

  private static void add(CycleFixture fixture, String name, Map<String, String> labels) {
    fixture.endpoint(
        Endpoint.of(new EndpointId("", name), "10.0.0.1", 8000, labels), EndpointLoad.UNSAMPLED);
  }
}
