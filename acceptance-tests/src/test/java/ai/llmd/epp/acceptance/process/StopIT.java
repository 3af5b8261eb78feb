package ai.llmd.epp.acceptance.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program is asked to end while it has nothing to do. */
class StopIT {

  private static final Duration AT_ONCE = Duration.ofSeconds(5); // 2 s, on a machine that is busy

  @TempDir Path folder;

  @Test
  void endsAtOnceWithStatus0AndListensNoMore() throws Exception {
    Path config = Configurations.write(folder, Configurations.good(folder));
    try (EppProgram epp =
        EppProgram.start(
            folder,
            "--config-file=" + config,
            "--pool-name=p",
            "--grpc-port=0",
            "--grpc-health-port=0",
            "--metrics-port=0")) {
      epp.awaitServing();
      int[] ports = {epp.port("grpcPort"), epp.port("healthPort"), epp.port("metricsPort")};
      for (int port : ports) {
        connect(port);
      }

      epp.terminate();

      assertThat(epp.exitCode(AT_ONCE)).as(epp.err()).isZero();
      assertThat(epp.err())
          .contains("\"msg\":\"stopped\"")
          .doesNotContain("\"msg\":\"not closed\"");
      for (int port : ports) {
        assertThatThrownBy(() -> connect(port)).isInstanceOf(IOException.class);
      }
    }
  }

  private static void connect(int port) throws IOException {
    new Socket(InetAddress.getLoopbackAddress(), port).close();
  }
}
