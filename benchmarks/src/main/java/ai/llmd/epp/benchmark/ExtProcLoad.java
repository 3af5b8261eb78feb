package ai.llmd.epp.benchmark;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/**
 * Drives endpoint pickers as Envoy does: one full-duplex stream per request, to one picker at a
 * time. Several take turns, so that what the machine does meanwhile meets all of them alike. Prints
 * a line of JSON for every picker and measured interval.
 */
@Command(name = "extproc-load")
final class ExtProcLoad implements Callable<Integer> {

  private static final int CONNECTIONS = 2;

  /** So long one picker is asked, before the next one is. */
  private static final long TURN_NANOS = 1_000_000_000;

  @Option(names = "--target", required = true, split = ",", description = "one or more, by comma")
  private List<String> targets = List.of();

  @Option(names = "--concurrency", description = "streams at once")
  private int concurrency = 8;

  @Option(names = "--rate", description = "requests per second, open loop; 0 is a closed loop")
  private double rate;

  @Option(names = "--groups", description = "distinct shared beginnings of prompts")
  private int groups = 16;

  @Option(names = "--prefix", description = "characters that a group shares")
  private int prefixChars = 2_000;

  @Option(names = "--unique", description = "characters that only one request has")
  private int uniqueChars = 500;

  @Option(names = "--unique-max", description = "above --unique: lengths between the two")
  private int maxUniqueChars;

  @Option(names = "--chunks", description = "streamed chunks of a response; 0 is one JSON body")
  private int chunks;

  @Option(
      names = "--rehearse",
      description =
          "a picker to be warm with; the targets are asked after a line on standard input")
  private String rehearsal = "";

  @Option(names = "--warm-up", description = "seconds before measuring")
  private double warmUpSeconds = 20;

  @Option(names = "--measure", description = "seconds of one measurement")
  private double measureSeconds = 20;

  @Option(names = "--intervals", description = "measurements, one after another")
  private int intervals = 1;

  /** One measurement; latencies in microseconds from the last byte sent to the route. */
  record Figures(
      String target,
      double seconds,
      long requests,
      double requestsPerSecond,
      long errors,
      String firstError,
      double p50,
      double p90,
      double p99,
      double p999,
      double first,
      double speed) {}

  /** A picker, and what was measured of it. */
  private record Target(String address, List<ManagedChannel> channels, Tally tally) {

    static Target of(String address) {
      List<ManagedChannel> channels = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        channels.add(
            NettyChannelBuilder.forTarget(address)
                .usePlaintext()
                .flowControlWindow(1 << 20)
                .maxInboundMessageSize(64 << 20)
                .directExecutor()
                .build());
      }
      return new Target(address, channels, new Tally());
    }
  }

  @Override
  public Integer call() throws Exception {
    double speed = MachineSpeed.sha256MegabytesPerCpuSecond();
    List<Target> pickers = targets.stream().map(Target::of).toList();
    Bodies bodies =
        new Bodies(
            "m", chunks > 0, groups, prefixChars, uniqueChars, maxUniqueChars, new Random(1));
    Responses responses = Responses.of(chunks);
    if (!rehearsal.isEmpty()) {
      rehearse(bodies, responses);
    }
    Thread.ofPlatform().daemon().start(() -> drive(pickers, bodies, responses));
    sleep(warmUpSeconds);
    for (int i = 0; i < intervals; i++) {
      say("measuring", i);
      pickers.forEach(picker -> picker.tally.begin());
      long startedAt = System.nanoTime();
      sleep(measureSeconds);
      double seconds = (System.nanoTime() - startedAt) / 1e9;
      for (Target picker : pickers) {
        Figures figures = picker.tally.end(picker.address, seconds, speed);
        System.out.println(new JsonMapper().writeValueAsString(figures));
      }
      System.out.flush();
    }
    pickers.forEach(picker -> picker.channels.forEach(ManagedChannel::shutdownNow));
    return 0;
  }

  /** What is slow in a client that has just been started is not to be taken for the picker's. */
  private void rehearse(Bodies bodies, Responses responses) throws Exception {
    Target picker = Target.of(rehearsal);
    Thread driver =
        Thread.ofPlatform().daemon().start(() -> drive(List.of(picker), bodies, responses));
    while (System.in.read() >= ' ') {
      // until the end of the line
    }
    driver.interrupt();
    driver.join();
    picker.channels.forEach(ManagedChannel::shutdownNow);
  }

  /** Whoever reads this takes the CPU time of the program under test now. */
  private static void say(String what, int interval) {
    System.out.println("{\"" + what + "\":" + interval + "}");
    System.out.flush();
  }

  private static void sleep(double seconds) throws InterruptedException {
    Thread.sleep((long) (seconds * 1_000));
  }

  private void drive(List<Target> pickers, Bodies bodies, Responses responses) {
    Semaphore room = new Semaphore(concurrency);
    Random random = new Random(2);
    long startedAt = System.nanoTime();
    for (long i = 1; !Thread.interrupted(); i++) {
      byte[] body = bodies.next(random);
      if (rate > 0) {
        long due = startedAt + (long) (i / rate * 1e9);
        while (due > System.nanoTime() && !Thread.currentThread().isInterrupted()) {
          LockSupport.parkNanos(due - System.nanoTime());
        }
      }
      room.acquireUninterruptibly();
      long turn = (System.nanoTime() - startedAt) / TURN_NANOS;
      Target picker = pickers.get((int) (turn % pickers.size()));
      ManagedChannel channel = picker.channels.get((int) (i % CONNECTIONS));
      new Conversation(channel, i, body, responses, picker.tally, room::release).start();
    }
  }
}
