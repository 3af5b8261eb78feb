package ai.llmd.epp.benchmark.body;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/**
 * Sends bodies of every shape to a picker, one after the other, and measures how long small
 * requests take meanwhile: on a connection for each of its event loops, so that one of them shares
 * the loop that the bodies come by. Prints a line of JSON for each shape and size of messages.
 */
@Command(name = "body-waits")
public final class BodyWaits implements Callable<Integer> {

  private static final int WARM_UP = 500;

  @Option(names = "--target", required = true)
  private String target = "";

  @Option(names = "--loops", required = true, description = "event loops of the picker")
  private int loops;

  @Option(names = "--bytes", description = "of a body")
  private int bytes = 57 << 20;

  @Option(names = "--messages", split = ",", description = "bytes of a message, one or more")
  private List<Integer> messages = List.of(64 << 20, 64 << 10, 4 << 10);

  @Option(names = "--shapes", split = ",", description = "all unless some are named")
  private List<BodyShape> shapes = List.of(BodyShape.values());

  @Option(
      names = "--seconds",
      description = "for each shape and size of messages; at least one body")
  private double seconds = 2;

  /** Waits in milliseconds. */
  record Figures(
      String shape,
      int messageBytes,
      int bodies,
      Map<String, Integer> outcomes,
      int requests,
      double p50,
      double p99,
      double longest) {}

  @Override
  public Integer call() throws Exception {
    ManagedChannel sender = channel();
    List<ManagedChannel> channels = Stream.generate(this::channel).limit(loops).toList();
    List<Bystander> bystanders = channels.stream().map(Bystander::new).toList();
    new Bystander(sender).ask();
    bystanders.forEach(Bystander::ask); // connected one after the other, each to a loop of its own
    for (int i = 0; i < WARM_UP; i++) {
      bystanders.forEach(Bystander::ask);
    }
    measure("(nothing)", "", new byte[0], 1, sender, bystanders);
    for (BodyShape shape : shapes) {
      byte[] body = shape.body(bytes);
      for (int message : messages) {
        measure(shape.name(), shape.path(), body, message, sender, bystanders);
      }
    }
    measure("(nothing)", "", new byte[0], 1, sender, bystanders);
    sender.shutdownNow();
    channels.forEach(ManagedChannel::shutdownNow);
    return 0;
  }

  /** With an event loop of its own: bodies that are sent are not to be in the way of this side. */
  private ManagedChannel channel() {
    return NettyChannelBuilder.forTarget(target)
        .usePlaintext()
        .eventLoopGroup(
            new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("client", true), NioIoHandler.newFactory()))
        .channelType(NioSocketChannel.class)
        .flowControlWindow(1 << 20)
        .maxInboundMessageSize(128 << 20)
        .build();
  }

  private void measure(
      String shape,
      String path,
      byte[] body,
      int messageBytes,
      ManagedChannel sender,
      List<Bystander> bystanders)
      throws Exception {
    System.gc(); // of this process, that it need not later
    long end = System.nanoTime() + (long) (seconds * 1e9);
    List<CompletableFuture<Void>> asking =
        bystanders.stream()
            .map(
                each ->
                    CompletableFuture.runAsync(
                        () -> each.askUntil(end), task -> Thread.ofPlatform().daemon().start(task)))
            .toList();
    Map<String, Integer> outcomes = new TreeMap<>();
    int bodies = 0;
    while (body.length > 0 && System.nanoTime() < end) {
      outcomes.merge(BodySender.send(sender, path, body, messageBytes).join(), 1, Integer::sum);
      bodies++;
    }
    asking.forEach(CompletableFuture::join);
    List<Long> nanos = new ArrayList<>();
    bystanders.forEach(each -> nanos.addAll(each.nanos()));
    nanos.sort(Long::compareTo);
    Figures figures =
        new Figures(
            shape,
            messageBytes,
            bodies,
            outcomes,
            nanos.size(),
            percentile(nanos, 0.5),
            percentile(nanos, 0.99),
            percentile(nanos, 1));
    System.out.println(new JsonMapper().writeValueAsString(figures));
    System.out.flush();
  }

  private static double percentile(List<Long> sorted, double share) {
    return sorted.get((int) (share * (sorted.size() - 1))) / 1e6;
  }
}
