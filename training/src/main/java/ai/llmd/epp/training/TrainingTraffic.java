package ai.llmd.epp.training;

import ai.llmd.epp.adapter.extproc.rehearsal.Conversations;
import ai.llmd.epp.adapter.extproc.rehearsal.Gateway;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/**
 * Lets requests of every usual kind pass through a picker, as Envoy does in its modes, while two
 * model servers are scraped. {@code build/class-data.sh} runs it: the Java virtual machine keeps
 * what it learned of the methods, and later starts compile them at once.
 */
final class TrainingTraffic {

  private static final int SERVERS = 2;
  private static final int CLIENTS = 4;
  private static final int ROUNDS = 400;

  private TrainingTraffic() {}

  /**
   * Sends the traffic, and ends.
   *
   * @param arguments the endpoints file that the picker watches, and its gRPC port
   */
  public static void main(String[] arguments) throws Exception {
    List<PickerMetrics> servers = new ArrayList<>();
    for (int i = 0; i < SERVERS; i++) {
      servers.add(PickerMetrics.serve());
    }
    write(Path.of(arguments[0]), servers);
    try (ChannelGateway gateway = ChannelGateway.to(Integer.parseInt(arguments[1]));
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
      new Conversations(gateway, new Random(0)).untilRouted();
      List<Future<?>> runs = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        runs.add(clients.submit(client(gateway, i)));
      }
      for (Future<?> run : runs) {
        run.get();
      }
    } finally {
      servers.forEach(PickerMetrics::close);
    }
  }

  private static Callable<Void> client(Gateway gateway, int number) {
    return () -> {
      var exchanges = new Conversations(gateway, new Random(number));
      for (int round = 0; round < ROUNDS; round++) {
        exchanges.one(2_600);
        exchanges.one(2_600);
        exchanges.buffered(100_000);
        exchanges.streamed(20_000, 20);
      }
      return null;
    };
  }

  private static void write(Path endpoints, List<PickerMetrics> servers) throws IOException {
    String entries = servers.stream().map(PickerMetrics::entry).collect(Collectors.joining(", "));
    Files.writeString(endpoints, "endpoints: [" + entries + "]\n");
  }
}
