package ai.llmd.epp.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The program is asked to end before it is ready. */
@Timeout(120)
class StopWhileStartingTest {

  private static Socket accepted(ServerSocket server) throws IOException {
    server.setSoTimeout(60_000);
    return server.accept();
  }

  @Test
  void aStopIsObeyedWhileThePoolIsWaitedFor() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 9, InetAddress.getLoopbackAddress());
        JavaProcess program =
            JavaProcess.start(
                Map.of(
                    "KUBERNETES_SERVICE_HOST",
                    "127.0.0.1",
                    "KUBERNETES_SERVICE_PORT",
                    Integer.toString(silent.getLocalPort())),
                Sidecar.class,
                "--port=" + RunningSidecar.freePort(),
                "--secure-proxy=false",
                "--enable-ssrf-protection",
                "--inference-pool=serving/llm");
        Socket waiting = accepted(silent)) {
      assertThat(waiting.getInputStream().read()).isNotNegative(); // it asks for the pool

      program.terminate();

      int exitCode = program.exitCode();
      String written = program.rest();
      assertThat(exitCode).as(written).isZero();
      assertThat(written).doesNotContain("sidecar ready");
    }
  }
}
