package ai.llmd.epp.acceptance.attack;

import ai.llmd.epp.acceptance.stack.Client;
import ai.llmd.epp.acceptance.stack.Reply;
import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.dialogue.Messages;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/** Asks one small request after the other, while others misbehave. One thread. */
final class Bystander implements AutoCloseable {

  private static final String SMALL = body("hello");

  /** As long as many prompts are: what fits into crumbs of room is no measure of it. */
  private static final String USUAL = body("hello ".repeat(5_000));

  private static final Duration PAUSE = Duration.ofMillis(10);
  private static final int WARM_UP = 300;

  private final Runnable request;
  private final Runnable end;
  private final List<Long> nanos = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();

  private Bystander(Runnable request, Runnable end) {
    this.request = request;
    this.end = end;
  }

  /** A gateway; has asked a few times, which is not measured. */
  static Bystander ofPicker(int port) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    return new Bystander(() -> request(channel), channel::shutdownNow).warmedUp();
  }

  /** A client of Envoy, likewise. */
  static Bystander ofEnvoy(Client gateway) {
    return new Bystander(() -> request(gateway), () -> {}).warmedUp();
  }

  private static String body(String prompt) {
    return "{\"model\":\"m\",\"prompt\":\"" + prompt + "\"}";
  }

  private Bystander warmedUp() {
    for (int i = 0; i < WARM_UP; i++) {
      request.run();
    }
    return this;
  }

  private static void request(ManagedChannel channel) {
    Dialogue dialogue = Dialogue.open(channel);
    dialogue.send(Messages.requestHeaders(false, ":path", "/v1/completions"));
    dialogue.send(Messages.requestBody(USUAL, true));
    ProcessingResponse answer = dialogue.next();
    if (!answer.hasRequestHeaders()) {
      throw new AssertionError("not routed: " + answer);
    }
    dialogue.next();
    dialogue.halfClose().endDespiteAnswers();
  }

  private static void request(Client gateway) {
    Reply reply = gateway.post("/v1/completions", SMALL);
    if (reply.status() != 200) {
      throw new AssertionError(reply.toString());
    }
  }

  /** Asks for so long, on a thread of its own; what it knew before is forgotten. */
  CompletableFuture<Bystander> ask(Duration time) {
    return CompletableFuture.supplyAsync(
        () -> asked(time), task -> Thread.ofPlatform().start(task));
  }

  private Bystander asked(Duration time) {
    nanos.clear();
    failures.clear();
    long end = System.nanoTime() + time.toNanos();
    for (long at = System.nanoTime(); at < end; at = System.nanoTime()) {
      try {
        request.run();
      } catch (AssertionError | UncheckedIOException e) {
        failures.add(e.toString());
      }
      nanos.add(System.nanoTime() - at);
      LockSupport.parkNanos(PAUSE.toNanos());
    }
    return this;
  }

  int requests() {
    return nanos.size();
  }

  List<String> failures() {
    return failures;
  }

  /**
   * So long took the slowest but for the slowest few.
   *
   * @param share of all requests that took no longer, such as 0.99
   */
  Duration percentile(double share) {
    List<Long> sorted = nanos.stream().sorted().toList();
    return Duration.ofNanos(sorted.get((int) (share * (sorted.size() - 1))));
  }

  @Override
  public void close() {
    end.run();
  }
}
