package ai.llmd.epp.adapter.extproc;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.extproc.dialogue.Messages;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

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

  private static String path(Map<String, String> headers) {
    return read(headers).path();
  }
}
