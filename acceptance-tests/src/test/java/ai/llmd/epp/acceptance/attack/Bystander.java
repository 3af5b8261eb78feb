package ai.llmd.epp.acceptance.attack;

import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.dialogue.Messages;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** A gateway that asks one small request after the other, while others misbehave. One thread. */
final class Bystander implements AutoCloseable {

  private static final Duration PAUSE = Duration.ofMillis(10);
  private static final int WARM_UP = 100;

  private final ManagedChannel channel;
  private final List<Long> nanos = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();

  private Bystander(int port) {
    channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
  }

  /** Has asked a few times, which is not measured. */
  static Bystander of(int port) {
    Bystander bystander = new Bystander(port);
    for (int i = 0; i < WARM_UP; i++) {
      bystander.request();
    }
    return bystander;
  }

  /** Asks for so long; returns what failed. */
  List<String> ask(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    for (long at = System.nanoTime(); at < end; at = System.nanoTime()) {
      try {
        request();
      } catch (AssertionError e) {
        failures.add(e.toString());
      }
      nanos.add(System.nanoTime() - at);
      LockSupport.parkNanos(PAUSE.toNanos());
    }
    return failures;
  }

  private void request() {
    Dialogue dialogue = Dialogue.open(channel);
    dialogue.send(Messages.requestHeaders(false, ":path", "/v1/completions"));
    dialogue.send(Messages.requestBody("{\"model\":\"m\",\"prompt\":\"hello\"}", true));
    ProcessingResponse answer = dialogue.next();
    if (!answer.hasRequestHeaders()) {
      throw new AssertionError("not routed: " + answer);
    }
    dialogue.next();
    dialogue.halfClose().endDespiteAnswers();
  }

  /** So long took the slowest but for one in a hundred. */
  Duration percentile99() {
    List<Long> sorted = nanos.stream().sorted().toList();
    return Duration.ofNanos(sorted.get(sorted.size() * 99 / 100));
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
