package ai.llmd.epp.sidecar.edge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.sidecar.RawEngine;
import ai.llmd.epp.sidecar.RunningSidecar;
import ai.llmd.epp.sidecar.server.SidecarServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What two servers may read differently reaches none. */
class SmugglingTest {

  private final AtomicInteger asked = new AtomicInteger();
  private final RawEngine engine =
      new RawEngine(
          (connection, head) -> {
            asked.incrementAndGet();
            connection
                .getOutputStream()
                .write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(ISO_8859_1));
          });
  private final SidecarServer sidecar = RunningSidecar.with("--model-server-port=" + engine.port());

  @AfterEach
  void stop() {
    sidecar.close();
    engine.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Host: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "Host: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        "Host: a\r\nContent-Length: +5\r\n\r\nhello",
        "Host: a\r\nContent-Length: 5, 5\r\n\r\nhello",
        "Host: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Host: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "Host: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Host: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "Host: a\r\nHost: b\r\n\r\n",
        "Content-Length: 0\r\n\r\n",
        "Host: a\r\nX-A: b\0c\r\n\r\n",
        "Host: a\r\n X-Folded: b\0c\r\n\r\n"
      })
  void isRefused(String headers) throws IOException {
    String answer = answerTo("POST /v1/embeddings HTTP/1.1\r\n" + headers);

    assertThat(answer).startsWith("HTTP/1.1 400 ").contains("connection: close");
    assertThat(asked).hasValue(0);
  }

  @Test
  void chunksOfARequestOfTheOldProtocolAreRefused() throws IOException {
    assertThat(
            answerTo("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ");
  }

  @Test
  void aChunkOfABrokenLengthEndsTheConnectionsOnBothSides() throws IOException {
    assertThat(
            answerTo(
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n"))
        .startsWith("HTTP/1.1 400 ");
  }

  @Test
  void whatIsSoundPasses() throws IOException {
    assertThat(answerTo("GET /v1/models HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 200 ")
        .endsWith("ok");
  }

  private String answerTo(String request) throws IOException {
    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), sidecar.ports().getFirst())) {
      client.setSoTimeout(10_000);
      client.getOutputStream().write(request.getBytes(ISO_8859_1));
      return new String(client.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }
}
