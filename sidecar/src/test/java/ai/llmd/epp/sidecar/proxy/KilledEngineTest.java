package ai.llmd.epp.sidecar.proxy;

import static ai.llmd.epp.sidecar.RawEngine.send;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.sidecar.Chats;
import ai.llmd.epp.sidecar.JavaProcess;
import ai.llmd.epp.sidecar.RawEngine;
import ai.llmd.epp.sidecar.RunningSidecar;
import ai.llmd.epp.sidecar.server.SidecarServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The model server is killed while it answers. No client may take what it has got for the whole:
 * neither the last chunk nor all announced bytes come.
 */
@Timeout(120)
class KilledEngineTest {

  private static final int SEEN = 2_000; // bytes of an answer before the end
  private static final int CLIENTS = 20;
  private static final String ASK = " HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final String CHAT =
      "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: "
          + Chats.CHAT.length()
          + "\r\n\r\n"
          + Chats.CHAT;

  private final JavaProcess engine = JavaProcess.start(Map.of(), StreamingEngine.class);
  private SidecarServer sidecar = RunningSidecar.with("--model-server-port=1");

  @BeforeEach
  void start() throws IOException {
    sidecar.close();
    sidecar = RunningSidecar.with("--model-server-port=" + Integer.parseInt(engine.line()));
  }

  @AfterEach
  void stop() {
    sidecar.close();
    engine.close();
  }

  private Socket asked(String request) {
    try {
      Socket client = new Socket(InetAddress.getLoopbackAddress(), sidecar.ports().getFirst());
      client.setSoTimeout(60_000);
      send(client, request);
      return client;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** All that still comes; a reset is an end, too. */
  private static String rest(InputStream in) {
    StringBuilder rest = new StringBuilder();
    try {
      byte[] part = new byte[8 << 10];
      for (int read = in.read(part); read >= 0; read = in.read(part)) {
        rest.append(new String(part, 0, read, ISO_8859_1));
      }
    } catch (IOException e) {
      // of no other kind than the end of the connection
    }
    return rest.toString();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/chunked", "/sized", ""})
  void noAnswerThatIsCutLooksWhole(String path) throws Exception {
    String request = path.isEmpty() ? CHAT : "GET " + path + ASK;
    List<Socket> clients = IntStream.range(0, CLIENTS).mapToObj(i -> asked(request)).toList();
    for (Socket client : clients) {
      assertThat(RawEngine.head(client.getInputStream())).startsWith("HTTP/1.1 200 OK");
      client.getInputStream().readNBytes(SEEN);
    }

    engine.kill();

    for (Socket client : clients) {
      assertThat(rest(client.getInputStream())).doesNotContain("\r\n0\r\n");
      client.close();
    }
    await().until(() -> sidecar.inFlight() == 0);
  }

  @Test
  void aRequestWithoutAnAnswerYetGetsAnError() throws Exception {
    try (Socket silent = asked("GET /silent" + ASK);
        Socket answered = asked("GET /chunked" + ASK)) {
      answered.getInputStream().readNBytes(SEEN); // so it runs, and has the other one, too
      await().until(() -> sidecar.inFlight() == 2);

      engine.kill();

      assertThat(RawEngine.head(silent.getInputStream())).startsWith("HTTP/1.1 502 ");
    }
  }

  @Test
  void afterItTheNextOnesAreRefusedAsSuch() throws Exception {
    engine.kill();
    engine.exitCode();

    assertThat(Chats.chat(sidecar.ports().getFirst()).statusCode()).isBetween(500, 599);
  }
}
