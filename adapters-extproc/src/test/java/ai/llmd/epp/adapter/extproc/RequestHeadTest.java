package ai.llmd.epp.adapter.extproc;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.extproc.dialogue.Messages;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestHeadTest {

  /** The headers as they are after their way over the wire. */
  static RequestHead read(Map<String, String> headers) {
    String[] namesAndValues =
        headers.entrySet().stream()
            .flatMap(header -> Stream.of(header.getKey(), header.getValue()))
            .toArray(String[]::new);
    return RequestHead.read(
        Wire.read(Messages.requestHeaders(true, namesAndValues)).headers(), () -> "generated");
  }

  @Test
  void takesThePathFromTheFirstHeaderThatHasOne() {
    assertThat(path(Map.of(":path", "/a?b=c?d", "x-original-path", "/o"))).isEqualTo("/a");
    assertThat(path(Map.of("x-forwarded-path", "/f%2F#x"))).isEqualTo("/f%2F#x");
    assertThat(path(Map.of())).isEqualTo("/v1/completions");
  }

  @Test
  void passesOverHeadersWithAnEmptyPath() {
    assertThat(path(Map.of(":path", "", "x-original-path", "/o?"))).isEqualTo("/o");
    assertThat(path(Map.of(":path", "", "x-original-path", "", "x-forwarded-path", "/f")))
        .isEqualTo("/f");
    assertThat(path(Map.of(":path", ""))).isEqualTo("/v1/completions");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "upgrade|websocket|true",
        "upgrade|WebSocket|true",
        "upgrade|h2c, websocket|true",
        "upgrade|h2c|false",
        "upgrade|HTTP/2.0|false",
        "upgrade|''|false",
        ":method|CONNECT|true",
        ":method|GET|false",
        ":protocol|websocket|true",
        "connection|Upgrade|false"
      })
  void knowsWhatOpensATunnel(String name, String value, boolean opensTunnel) {
    assertThat(read(Map.of(name, value)).opensTunnel()).isEqualTo(opensTunnel);
  }

  @Test
  void waitsForABodyThatAnUpgradeAnnounces() {
    assertThat(read(Map.of("upgrade", "websocket", "content-length", "7")).opensTunnel()).isFalse();
    assertThat(read(Map.of("upgrade", "websocket", "transfer-encoding", "chunked")).opensTunnel())
        .isFalse();
    assertThat(read(Map.of("upgrade", "websocket", "content-length", "0")).opensTunnel()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/realtime?model=m,m",
    "/v1/realtime?a=b&model=org%2Fm&c,org/m",
    "/v1/realtime?model=50%,50%",
    "/v1/realtime?remodel=x,''",
    "/v1/realtime,''"
  })
  void readsTheModelOfTheQuery(String path, String model) {
    assertThat(read(Map.of(":path", path)).queriedModel()).isEqualTo(model);
  }

  private static String path(Map<String, String> headers) {
    return read(headers).path();
  }
}
