package ai.llmd.epp.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How {@code epp explain} asks, and what it makes of the answers. */
class ExplainCommandTest {

  private final List<String> asked = new CopyOnWriteArrayList<>();
  private volatile int status = 200;
  private volatile String body = "decision\n";

  @SuppressWarnings("NullAway.Init")
  private HttpServer picker;

  private record Result(int code, String out, String errors) {}

  @BeforeEach
  void start() throws IOException {
    picker = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    picker.createContext(
        "/",
        exchange -> {
          asked.add(
              exchange.getRequestURI()
                  + " "
                  + exchange.getRequestHeaders().getOrDefault("Authorization", List.of()));
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Location", "/elsewhere");
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    picker.start();
  }

  @AfterEach
  void stop() {
    picker.stop(0);
  }

  private String address() {
    return "http://127.0.0.1:" + picker.getAddress().getPort();
  }

  private static Result explain(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    int code =
        ExplainCommand.run(
            List.of(arguments),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(errors, true, StandardCharsets.UTF_8));
    return new Result(
        code, out.toString(StandardCharsets.UTF_8), errors.toString(StandardCharsets.UTF_8));
  }

  @Test
  void printsWhatThePickerSaysOfARequest() {
    Result result = explain("--request-id", "a b&c", "--admin", address());

    assertThat(result).isEqualTo(new Result(0, "decision\n", ""));
    assertThat(asked).containsExactly("/debug/decisions?format=text&request_id=a+b%26c []");
  }

  @Test
  void asksForTheLatestAndShowsItsToken(@TempDir Path folder) throws Exception {
    Path token = Files.writeString(folder.resolve("token"), "secret\n");

    assertThat(explain("--last=3", "--admin=" + address() + "/", "--token-file=" + token).code())
        .isZero();
    assertThat(asked).containsExactly("/debug/decisions?format=text&n=3 [Bearer secret]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "secret\nsecret", "secret secret", "s\u00e9cret"})
  void aFileWithoutATokenIsNamedAndNotPrinted(String content, @TempDir Path folder)
      throws Exception {
    Path token = Files.writeString(folder.resolve("token"), content);

    assertThat(explain("--last=3", "--admin=" + address(), "--token-file=" + token))
        .isEqualTo(new Result(1, "", "the file " + token + " holds no token\n"));
    assertThat(asked).isEmpty();
  }

  @Test
  void aTokenFileThatIsNotThereIsNamed() {
    assertThat(explain("--last=3", "--admin=" + address(), "--token-file=/nowhere/token"))
        .isEqualTo(new Result(1, "", "the token file /nowhere/token cannot be read\n"));
  }

  @Test
  void aRequestThatIsNotKeptIsAFailure() {
    status = 404;
    body = "no decision about that request is kept\n";

    assertThat(explain("--request-id=x", "--admin=" + address()))
        .isEqualTo(new Result(1, "", "404: no decision about that request is kept\n"));
  }

  @Test
  void followsNoRedirectWithItsToken() {
    status = 302;

    assertThat(explain("--request-id=x", "--admin=" + address()).code()).isEqualTo(1);
    assertThat(asked).hasSize(1);
  }

  @Test
  void anAnswerCannotSteerTheTerminal() {
    body = "a\u001b[2Jb\u009bc\rd\n";

    assertThat(explain("--last=1", "--admin=" + address()).out()).isEqualTo("a?[2Jb?c?d\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--request-id=x --last=1", "--last=0", "--last=101", "--lost=1", "x"})
  void usageErrorsAreTwo(String arguments) {
    Result result = explain(arguments.isEmpty() ? new String[0] : arguments.split(" ", -1));

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.errors()).isNotEmpty();
    assertThat(asked).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://x", "http://", "http://a b", "file:///etc/passwd"})
  void whatIsNoAddressIsNotAsked(String address) {
    Result result = explain("--request-id=x", "--admin=" + address);

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.errors()).contains("is no address of an admin port");
  }

  @Test
  void aPickerThatIsNotThereIsNamed() {
    assertThat(explain("--request-id=x", "--admin=http://127.0.0.1:1").errors())
        .startsWith("no answer from http://127.0.0.1:1");
  }
}
