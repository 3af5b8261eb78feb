package ai.llmd.epp.adapter.admin.server;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.admin.AdminPage;
import ai.llmd.epp.adapter.admin.TestAuthority;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes over the wire, as it may look. */
class BadRequestsTest {

  @SuppressWarnings("NullAway.Init")
  private AdminServer server;

  @BeforeEach
  void serve() throws IOException {
    server =
        AdminServer.start(
            new AdminServer.Settings("127.0.0.1", 0, null, null, Set.of()),
            Map.of(
                "/page",
                request ->
                    AdminPage.Answer.text(
                        200, request.query() + " " + request.header("X-A") + "\n"),
                "/stream",
                request -> new AdminPage.Answer(200, Map.of(), new byte[0], new TwoWrites())));
  }

  private static final class TwoWrites implements AdminPage.Stream {

    @Override
    public void writeTo(OutputStream out) throws IOException {
      out.write("one".getBytes(StandardCharsets.US_ASCII));
      out.write('2');
    }

    @Override
    public void close() {}
  }

  @AfterEach
  void close() {
    server.close();
  }

  private String answer(String request) throws IOException {
    try (Reader reader = Reader.connect(server.port())) {
      return reader.send(request.replace("~", "\r\n")).readAll();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET / page HTTP/1.1~~, 400",
    "nonsense~~, 400",
    "GET /%zz HTTP/1.1~~, 400",
    "GET /page?a=%zz HTTP/1.1~~, 400",
    "GET http:/[ HTTP/1.1~~, 400",
    "GET /page HTTP/2.0~~, 505",
    "GET /page HTTP/1.1~no colon~~, 400",
    "GET /page HTTP/1.1~a name: x~~, 400",
    "GET /page HTTP/1.1~: x~~, 400",
    "GET /page HTTP/1.1~ folded: x~~, 400",
    "PRI * HTTP/2.0~~SM~~, 505"
  })
  void whatIsNoRequestIsAnsweredSoAndClosed(String request, int status) throws Exception {
    assertThat(answer(request)).startsWith("HTTP/1.1 " + status + " ").contains("close");
  }

  @Test
  void headersWithoutEndAreRefused() throws Exception {
    assertThat(answer("GET /page HTTP/1.1~" + "a: b~".repeat(101) + "~"))
        .startsWith("HTTP/1.1 431 ");
    assertThat(answer("GET /page HTTP/1.1~a: " + "b".repeat(RequestReader.MAX_BYTES)))
        .startsWith("HTTP/1.1 431 ");
  }

  @Test
  void whoSendsABodyIsAnsweredAndClosed() throws Exception {
    assertThat(answer("POST /page HTTP/1.1~Content-Length: 100000~~" + "x".repeat(100_000)))
        .startsWith("HTTP/1.1 405 ")
        .contains("Allow: GET, HEAD", "Connection: close")
        .endsWith("method not allowed\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void whoSendsABodyUnderTlsGetsTheAnswer(String version, @TempDir Path folder) throws Exception {
    TestAuthority authority = new TestAuthority();
    TestAuthority.write(authority.issue("epp"), folder);
    AdminServer.Settings settings =
        new AdminServer.Settings("127.0.0.1", 0, new AdminTls(folder, null), null, Set.of());
    try (AdminServer secured = AdminServer.start(settings, Map.of());
        Reader reader = Reader.connect(secured.port(), authority.client(null), version)) {
      String refused = "POST /page HTTP/1.1\r\nContent-Length: 100000\r\n\r\n";

      assertThat(reader.send(refused + "x".repeat(100_000)).readAll())
          .startsWith("HTTP/1.1 404 ")
          .endsWith("page not found\n");
    }
  }

  @Test
  void theDateHasTwoDigitsForEachDay() {
    assertThat(AnswerHead.date(ZonedDateTime.of(2026, 12, 1, 9, 5, 7, 0, ZoneOffset.UTC)))
        .isEqualTo("Tue, 01 Dec 2026 09:05:07 GMT");
  }

  /** Else what follows would be read as the next request. */
  @Test
  void aBodyOfTwoLengthsIsNoRequest() throws Exception {
    assertThat(
            answer(
                "GET /page HTTP/1.1~Content-Length: 0~Content-Length: 30~~"
                    + "GET /hidden HTTP/1.1~Host: x~~"))
        .startsWith("HTTP/1.1 200 ")
        .doesNotContain(" 404 ");
  }

  @ParameterizedTest
  @CsvSource({
    "GET /page?a=b&c=%20&a=d HTTP/1.0~x-a: 1~~, 1",
    "GET /p%61ge?a=d&c=+ HTTP/1.0~X-A:1 ~~, 1",
    "~~GET http://epp:9090/page?a=d&c=%20& HTTP/1.1~x-a: 1~Connection: Close~~, 1",
    "GET /page?c=+&a=d HTTP/1.0~X-a: 1~X-A: 2~~, '1,2'"
  })
  void whatIsARequestIsRead(String request, String header) throws Exception {
    assertThat(answer(request))
        .startsWith("HTTP/1.1 200 OK\r\n")
        .containsAnyOf("{a=d, c= }", "{c= , a=d}")
        .endsWith(" " + header + "\n");
  }

  @Test
  void lineFeedsAloneEndLines() throws Exception {
    assertThat(answer("\nGET /page HTTP/1.0\nx-a: 1\n\n")).endsWith("{} 1\n");
  }

  @Test
  void theHeadAloneHasTheLengthOfThePage() throws Exception {
    assertThat(answer("HEAD /page HTTP/1.0~~"))
        .contains("\r\nContent-Length: 8\r\n")
        .endsWith("\r\n\r\n");
  }

  @Test
  void aStreamHasChunksForThoseWhoKnowThem() throws Exception {
    assertThat(answer("GET /stream HTTP/1.1~Connection: close~~"))
        .contains("\r\nTransfer-Encoding: chunked\r\n")
        .endsWith("\r\n\r\n3\r\none\r\n1\r\n2\r\n0\r\n\r\n");
    assertThat(answer("GET /stream HTTP/1.0~~"))
        .doesNotContain("chunked", "Content-Length")
        .endsWith("\r\n\r\none2");
  }

  @Test
  void aRequestMayComeByteByByte() throws Exception {
    try (Reader reader = Reader.connect(server.port())) {
      for (char next : "\r\nGET /page HTTP/1.0\r\nx-a: 7\r\n\r\n".toCharArray()) {
        reader.send(String.valueOf(next));
      }
      assertThat(reader.readAll()).endsWith("{} 7\n");
    }
  }
}
