package ai.llmd.epp.sidecar.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.sidecar.Chats;
import ai.llmd.epp.sidecar.RawEngine;
import ai.llmd.epp.sidecar.RunningSidecar;
import ai.llmd.epp.sidecar.connector.Engines;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** A stop waits for what clients have not got yet, not only for what engines have not said. */
class DrainTest {

  private static final int BYTES = 32 << 20; // more than sockets hold

  private static void stop(SidecarServer sidecar) {
    try {
      assertThat(sidecar.drain(Duration.ofSeconds(20))).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    sidecar.close();
  }

  @Test
  void aSlowClientGetsAllOfAnAnswerThatIsWhole() throws Exception {
    Engines engines = new Engines();
    int prefill = engines.add("prefill", 500, "x".repeat(BYTES));
    try (engines;
        SidecarServer sidecar = RunningSidecar.with("--model-server-port=1");
        Socket client = new Socket()) {
      client.setReceiveBufferSize(64 << 10); // or the whole answer may be in it
      client.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), sidecar.ports().getFirst()));
      client.setSoTimeout(20_000);
      String head =
          "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nx-prefiller-host-port: 127.0.0.1:"
              + prefill
              + "\r\nContent-Length: "
              + Chats.CHAT.length()
              + "\r\n\r\n";
      client.getOutputStream().write((head + Chats.CHAT).getBytes(ISO_8859_1));
      assertThat(RawEngine.head(client.getInputStream())).startsWith("HTTP/1.1 500 ");

      CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> stop(sidecar));

      assertThat(stopped)
          .failsWithin(Duration.ofMillis(200))
          .withThrowableOfType(TimeoutException.class);
      assertThat(client.getInputStream().readNBytes(BYTES)).hasSize(BYTES);
      assertThat(stopped).succeedsWithin(Duration.ofSeconds(10));
    }
  }
}
