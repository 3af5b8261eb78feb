package ai.llmd.epp.acceptance.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program exercises itself before it is ready, and nothing of that is seen afterwards. */
class WarmUpIT {

  /** What its requests, prompts, endpoints and pool consist of. */
  private static final String[] MARKS = {"warm-up", "192.0.2.", "You help in the house", "\"m\""};

  @TempDir Path folder;

  private EppProgram start(String... more) throws Exception {
    Path config = Configurations.write(folder, Configurations.good(folder));
    String[] flags = {
      "--config-file=" + config,
      "--pool-name=p",
      "--grpc-port=0",
      "--grpc-health-port=0",
      "--metrics-port=0",
      "--metrics-endpoint-auth=false",
      "-v=5"
    };
    String[] all = new String[flags.length + more.length];
    System.arraycopy(flags, 0, all, 0, flags.length);
    System.arraycopy(more, 0, all, flags.length, more.length);
    return EppProgram.start(folder, all);
  }

  private static String page(EppProgram epp, String path) throws Exception {
    URI address = URI.create("http://127.0.0.1:" + epp.port("metricsPort") + path);
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString()).body();
    }
  }

  @Test
  void leavesNoTraceInMetricsDecisionsOrLogs() throws Exception {
    try (EppProgram epp = start("--warm-up-time=1s")) {
      epp.awaitServing();
      String metrics = page(epp, "/metrics");
      assertThat(metrics).contains("llm_d_epp_").doesNotContain(MARKS);
      assertThat(metrics.lines())
          .filteredOn(
              line -> line.matches("[a-z_:]*(request|stream|decision)[a-z_]*_total(\\{.*)? .*"))
          .isNotEmpty()
          .allMatch(line -> line.endsWith(" 0.0") || line.endsWith(" 0"));
      assertThat(page(epp, "/debug/decisions")).doesNotContain(MARKS);
      epp.terminate();
      assertThat(epp.exitCode()).as(epp.err()).isZero();
      assertThat(epp.err())
          .containsPattern("\"msg\":\"warmed up\",\"conversations\":[1-9]")
          .doesNotContain("not warmed up")
          .doesNotContain(MARKS);
    }
  }

  @Test
  void exercisesTheServerWithItsTls() throws Exception {
    try (EppProgram epp = start("--secure-serving=true", "--warm-up-time=30s")) {
      epp.awaitServing();
      epp.terminate();
      assertThat(epp.exitCode()).as(epp.err()).isZero();
      assertThat(epp.err()).containsPattern("\"msg\":\"warmed up\",\"conversations\":[1-9]");
    }
  }

  @Test
  void isLeftOutWhereItIsGivenNoTime() throws Exception {
    try (EppProgram epp = start("--warm-up-time=0s")) {
      epp.awaitServing();
      assertThat(epp.err()).doesNotContain("warmed up");
    }
  }
}
