package ai.llmd.epp.simulator;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** Starts servers for a test and stops them behind it. */
abstract class WithSimulator {

  private final List<AutoCloseable> opened = new ArrayList<>();

  /** One server on a free port. */
  Client start(String... flags) throws IOException {
    return client(simulator(flags), 0);
  }

  Simulator simulator(String... flags) throws IOException {
    List<String> all = new ArrayList<>(List.of("--port", "0", "--seed", "1"));
    all.addAll(List.of(flags));
    Simulator simulator = Simulator.start(all.toArray(String[]::new));
    opened.add(simulator);
    return simulator;
  }

  Client client(Simulator simulator, int server) {
    Client client = new Client(simulator.uris().get(server));
    opened.add(client);
    return client;
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
  }
}
