package ai.llmd.epp.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KvEventAddressesTest extends WithSimulator {

  /** So that servers at several addresses of a machine can use the same port, as pods do. */
  @ParameterizedTest
  @CsvSource({"127.0.0.2, 127.0.0.2", "0.0.0.0, 0.0.0.0"})
  void anAsteriskStandsForWhereTheServerListens(String host, String bound) throws Exception {
    Simulator simulator =
        simulator(
            "--host=" + host, "--zmq-endpoint=tcp://*:*", "--kv-events-replay-endpoint=tcp://*:*");

    assertThat(simulator.eventAddresses().getFirst()).startsWith("tcp://" + bound + ":");
    assertThat(simulator.replayAddresses().getFirst()).startsWith("tcp://" + bound + ":");
  }

  @Test
  void anAddressWithoutAPortIsBoundAsItStands() throws Exception {
    Simulator simulator = simulator("--zmq-endpoint=tcp://127.0.0.3:*");

    assertThat(simulator.eventAddresses().getFirst()).startsWith("tcp://127.0.0.3:");
  }
}
