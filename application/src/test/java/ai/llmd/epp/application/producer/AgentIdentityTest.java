package ai.llmd.epp.application.producer;

import static ai.llmd.epp.application.producer.Requests.text;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.producer.AgentIdentity.Parameters;
import ai.llmd.epp.domain.catalogue.Stability;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.facts.RequestAttribute;
import ai.llmd.epp.domain.request.ApiKind;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AgentIdentityTest {

  @ParameterizedTest
  @ValueSource(
      strings = {"x-claude-code-session-id", "x-session-affinity", "session-id", "session_id"})
  void knowsTheHeadersOfAgents(String header) {
    assertThat(identity(List.of(), Map.of(header, "s"))).isEqualTo("s");
  }

  @Test
  void takesTheFirstHeaderThatIsNotEmpty() {
    assertThat(
            identity(
                List.of(),
                Map.of(
                    "session_id", "d", "x-session-affinity", "b", "x-claude-code-session-id", "")))
        .isEqualTo("b");
  }

  @Test
  void prefersConfiguredHeadersInTheirOrder() {
    List<String> additional = List.of("X-Second", "x-first");
    Map<String, String> both =
        Map.of("x-first", "1", "x-second", "2", "x-claude-code-session-id", "c");
    assertThat(identity(additional, both)).isEqualTo("2");
    assertThat(identity(additional, Map.of("x-first", "1", "session-id", "c"))).isEqualTo("1");
  }

  @Test
  void takesAValueAsItIs() {
    assertThat(identity(List.of(), Map.of("session-id", " "))).isEqualTo(" ");
    assertThat(identity(List.of(), Map.of("session-id", " a "))).isEqualTo(" a ");
  }

  @Test
  void producesNothingWithoutASession() {
    assertThat(identity(List.of("x-other"), Map.of("x-else", "a", "session-id", ""))).isNull();
  }

  @Test
  void isExperimentalAndDeclaresItsFact() {
    assertThat(AgentIdentity.TYPE.stability()).isEqualTo(Stability.ALPHA);
    assertThat(new AgentIdentity(new Parameters(List.of())).produces())
        .containsExactly(RequestAttribute.AGENT_IDENTITY);
  }

  private static @Nullable String identity(List<String> additional, Map<String, String> headers) {
    Facts facts = new Facts();
    new AgentIdentity(new Parameters(additional))
        .identify(
            Requests.request("m", "", -1, ApiKind.CHAT_COMPLETIONS, headers::get, text("prompt"))
                .received(),
            facts);
    return facts.get(RequestAttribute.AGENT_IDENTITY);
  }
}
