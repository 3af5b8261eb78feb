package ai.llmd.epp.adapter.extproc;

import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseHeaders;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.setBy;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.extproc.message.ExtProcRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReceivedResponseTest {

  private static final String MARKER = "x-went-into-resp-headers";

  private static ReceivedResponse received(int maxEchoed, List<String> namesAndValues) {
    ExtProcRequest message =
        Wire.read(responseHeaders(false, namesAndValues.toArray(String[]::new)));
    return new ReceivedResponse(message.headers(), message.metadata(), maxEchoed);
  }

  private static Map<String, String> set(ReceivedResponse response) {
    return setBy(
        Wire.written(response.answer()).getResponseHeaders().getResponse().getHeaderMutation());
  }

  private static List<String> lines(int different) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < different; i++) {
      lines.addAll(List.of("name-" + i, "value " + i));
    }
    return lines;
  }

  /** Few are compared with each other, many are looked up. */
  @ParameterizedTest
  @ValueSource(ints = {3, 30, 31, 300})
  void setsAgainWhatStandsInOneLine(int different) {
    List<String> lines = lines(different);
    lines.addAll(List.of("Set-Cookie", "a=1", "set-cookie", "b=2", "content-length", "7"));

    Map<String, String> set = set(received(1000, lines));

    assertThat(set).hasSize(different + 1).containsEntry("name-2", "value 2").containsKey(MARKER);
  }

  /** 40 000 of them once took seconds; the client gets them all the same, as they are. */
  @Test
  void leavesAloneTheHeadersOfAResponseThatHasTooMany() {
    ReceivedResponse response = received(1000, lines(40_000));
    response.set("x-added", "by a plugin");

    assertThat(set(response)).containsOnlyKeys("x-added", MARKER);
    assertThat(response.header("name-39999")).isEqualTo("value 39999");
  }

  @Test
  void setsAgainAsManyAsARequestMayHave() {
    assertThat(set(received(40, lines(40)))).hasSize(41);
    assertThat(set(received(40, lines(41)))).containsOnlyKeys(MARKER);
  }
}
