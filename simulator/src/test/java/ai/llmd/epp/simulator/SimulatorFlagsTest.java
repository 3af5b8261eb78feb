package ai.llmd.epp.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SimulatorFlagsTest extends WithSimulator {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void explainsItself() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString()).contains("--max-num-seqs", "--time-to-first-token");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--bogus",
        "stray",
        "--port=70000",
        "--port=65535 --servers=2",
        "--servers=0",
        "--servers=65",
        "--mode=sing",
        "--max-num-seqs=0",
        "--time-to-first-token=5",
        "--inter-token-latency=5ms --inter-token-latency-std-dev=4ms",
        "--time-factor-under-load=0.5",
        "--latency-calculator=astrology",
        "--failure-injection-rate=101",
        "--fake-metrics={",
        "--lora-modules={\"path\":\"x\"}",
      })
  void endsWithTwoAndASentenceWhenAFlagIsWrong(String flags) {
    assertThat(run(flags.split(" "))).isEqualTo(2);
    assertThat(err.toString().lines().findFirst())
        .hasValueSatisfying(line -> assertThat(line).startsWith("simulator: "));
  }

  @Test
  void endsWithOneWhenItsPortIsTaken() throws Exception {
    int taken = simulator().ports().getFirst();

    assertThat(run("--port=" + taken)).isEqualTo(1);
    assertThat(err.toString()).contains("already in use").hasLineCount(1);
  }

  @Test
  void acceptsFlagsThatMeanNothingHere() throws Exception {
    Client client =
        start(
            "--enable-prefix-caching",
            "--tensor-parallel-size",
            "2",
            "--no-enforce-eager",
            "--force-dummy-tokenizer",
            "--enable-kvcache=false");

    assertThat(client.get("/health").statusCode()).isEqualTo(200);
  }

  private int run(String... flags) {
    return Simulator.run(flags, new PrintWriter(out, true), new PrintWriter(err, true));
  }
}
