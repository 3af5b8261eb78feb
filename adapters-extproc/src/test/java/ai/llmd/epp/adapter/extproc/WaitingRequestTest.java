package ai.llmd.epp.adapter.extproc;

import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestBody;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestChunk;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestHeaders;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestTrailers;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseHeaders;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.setBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.memory.BodyBuffer;
import ai.llmd.epp.application.port.in.Routing;
import ai.llmd.epp.domain.request.RoutingHints;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import ai.llmd.epp.domain.routing.RoutingDecision.Reject;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.envoyproxy.envoy.type.v3.StatusCode;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.MethodDescriptor;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Conversations whose routing has to wait. */
@Timeout(60)
class WaitingRequestTest {

  private static final String BODY = "{\"model\":\"llama\",\"prompt\":\"hello\"}";
  private static final ProcessingRequest HEADERS =
      requestHeaders(false, ":path", "/v1/completions", "x-request-id", "req-1");

  private final CountDownLatch released = new CountDownLatch(1);
  private final AtomicInteger waiting = new AtomicInteger();
  private final CountDownLatch interrupted = new CountDownLatch(1);
  private final TestPicker picker = TestPicker.start();

  @BeforeEach
  void haveEveryRequestWait() {
    picker.routing.routing =
        decision -> new Routing.Waiting(() -> new Routing.Decided(late(decision)));
  }

  @Test
  void theDeadlineOfTheStreamIsTheRequests() {
    long before = System.nanoTime();
    Dialogue.open(
            ClientInterceptors.intercept(
                picker.channel,
                new ClientInterceptor() {
                  @Override
                  public <Q, A> ClientCall<Q, A> interceptCall(
                      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
                    return next.newCall(method, options.withDeadlineAfter(1, TimeUnit.HOURS));
                  }
                }))
        .send(HEADERS)
        .send(requestBody(BODY, true));
    Dialogue.open(picker.channel).send(HEADERS).send(requestBody(BODY, true));
    await().until(() -> picker.routing.requests.size() == 2);

    assertThat(picker.routing.requests)
        .extracting(request -> request.received().hints().deadlineNanos())
        .anySatisfy(
            deadline ->
                assertThat(deadline - before)
                    .isBetween(
                        TimeUnit.MINUTES.toNanos(59),
                        TimeUnit.HOURS.toNanos(1) + System.nanoTime() - before))
        .contains(RoutingHints.NEVER);
  }

  @AfterEach
  void stop() {
    picker.close();
  }

  private RoutingDecision late(RoutingDecision decision) throws InterruptedException {
    waiting.incrementAndGet();
    try {
      released.await();
      return decision;
    } catch (InterruptedException e) {
      interrupted.countDown();
      throw e;
    } finally {
      waiting.decrementAndGet();
    }
  }

  private Dialogue waitingDialogue() {
    int before = waiting.get();
    Dialogue dialogue = picker.open().send(HEADERS).send(requestBody(BODY, true));
    await().until(() -> waiting.get() > before);
    return dialogue;
  }

  private static void assertRouted(ProcessingResponse answer) {
    assertThat(setBy(answer.getRequestHeaders().getResponse().getHeaderMutation()))
        .containsEntry("x-gateway-destination-endpoint", "127.0.0.2:19032");
  }

  private void assertNothingIsHeld() {
    await()
        .untilAsserted(
            () -> {
              assertThat(picker.server.openStreams()).isZero();
              assertThat(picker.server.bufferedBytes()).isZero();
              assertThat(waiting.get()).isZero();
            });
  }

  @Test
  void answersWhenTheDecisionIsThereAndHoldsTheBodyUntilThen() {
    Dialogue dialogue = waitingDialogue();
    assertThat(picker.server.bufferedBytes()).isEqualTo(BODY.length() + BodyBuffer.PIECE_BYTES);

    released.countDown();

    assertRouted(dialogue.next());
    assertThat(requestChunk(dialogue.next()).getBody().toStringUtf8()).isEqualTo(BODY);
    assertThat(picker.server.bufferedBytes()).isZero();
    assertThat(dialogue.halfClose().end().getCode()).isEqualTo(Code.OK);
    assertNothingIsHeld();
  }

  @Test
  void refusesAfterAWaitToo() {
    picker.routing.decision =
        decision ->
            new Reject(((Route) decision).labels(), Reason.TOO_MANY_WAITING, "full", Evidence.NONE);
    Dialogue dialogue = waitingDialogue();

    released.countDown();

    var answer = dialogue.next().getImmediateResponse();
    assertThat(answer.getStatus().getCode()).isEqualTo(StatusCode.TooManyRequests);
    assertThat(setBy(answer.getHeaders()))
        .containsEntry("x-llm-d-request-dropped-reason", "rejected-saturated");
    assertThat(dialogue.end().getCode()).isEqualTo(Code.OK);
    assertNothingIsHeld();
  }

  @Test
  void freesEverythingAtOnceWhenTheClientLeaves() throws Exception {
    Dialogue dialogue = waitingDialogue();

    dialogue.cancel();

    interrupted.await();
    assertNothingIsHeld();
    assertThat(picker.routing.routes.getFirst().ends).isEmpty(); // no route was ever given out
  }

  @Test
  void stopsWaitingAtAHalfClose() throws Exception {
    Dialogue dialogue = waitingDialogue();

    assertThat(dialogue.halfClose().end().getCode()).isEqualTo(Code.OK);

    interrupted.await();
    assertNothingIsHeld();
  }

  @Test
  void stopsWaitingWhenTheResponseComesFirst() throws Exception {
    Dialogue dialogue = waitingDialogue();

    dialogue.send(responseHeaders(true, ":status", "504"));

    assertThat(dialogue.next().hasResponseHeaders()).isTrue();
    interrupted.await();
    dialogue.halfClose().end();
    assertNothingIsHeld();
  }

  @Test
  void releasesARouteThatCameTooLate() {
    var decided = new CompletableFuture<RoutingDecision>();
    picker.routing.routing =
        decision ->
            new Routing.Waiting(
                () -> {
                  waiting.incrementAndGet();
                  try {
                    RoutingDecision made = decided.join(); // ignores interrupts
                    return new Routing.Decided(made);
                  } finally {
                    waiting.decrementAndGet();
                  }
                });
    Dialogue dialogue = waitingDialogue();
    dialogue.cancel();
    await().until(() -> picker.server.openStreams() == 0);

    FakeRouting.Followed route = picker.routing.routes.getFirst();
    decided.complete(route.route);

    await().until(() -> !route.ends.isEmpty());
    assertThat(route.calls).containsExactly("ended client-disconnect");
    assertNothingIsHeld();
  }

  @Test
  void ignoresFurtherMessagesWhileItWaits() {
    Dialogue dialogue = waitingDialogue();

    dialogue.send(HEADERS).send(requestBody("more", true));
    released.countDown();

    assertRouted(dialogue.next());
    assertThat(picker.routing.requests).hasSize(1);
  }

  @Test
  void answersTrailersBehindTheDecision() {
    Dialogue dialogue = picker.open().send(HEADERS).send(requestBody(BODY, false));
    dialogue.send(requestTrailers());
    await().until(() -> waiting.get() == 1);

    released.countDown();

    assertRouted(dialogue.next());
    assertThat(dialogue.next().hasRequestBody()).isTrue();
    assertThat(dialogue.next().hasRequestTrailers()).isTrue();
  }

  @Test
  void refusesWhenTheWaitFails() {
    picker.routing.routing =
        decision ->
            new Routing.Waiting(
                () -> {
                  throw new IllegalStateException("broken");
                });

    Dialogue dialogue = picker.open().send(HEADERS).send(requestBody(BODY, true));

    assertThat(dialogue.next().getImmediateResponse().getStatus().getCode())
        .isEqualTo(StatusCode.InternalServerError);
    assertThat(dialogue.end().getCode()).isEqualTo(Code.OK);
    assertNothingIsHeld();
  }

  @Test
  void letsHundredsWaitAtOnce() {
    List<Dialogue> dialogues = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      dialogues.add(picker.open().send(HEADERS).send(requestBody(BODY, true)));
    }
    await().atMost(Duration.ofSeconds(30)).until(() -> waiting.get() == 500);
    assertThat(picker.server.bufferedBytes())
        .isEqualTo(500L * (BODY.length() + BodyBuffer.PIECE_BYTES));

    released.countDown();

    dialogues.forEach(dialogue -> assertRouted(dialogue.next()));
    dialogues.forEach(Dialogue::halfClose);
    assertNothingIsHeld();
  }

  @Test
  void waitsOutADrainAndIsCancelledAtItsEnd() throws Exception {
    Dialogue answered = waitingDialogue();
    Thread drain = Thread.ofVirtual().start(() -> picker.server.stop(Duration.ofSeconds(30)));

    released.countDown();

    assertRouted(answered.next());
    answered.next();
    answered.halfClose().end();
    drain.join();
  }

  @Test
  void interruptsTheWaitWhenTheDrainIsOver() throws Exception {
    waitingDialogue();

    picker.server.stop(Duration.ofMillis(50));

    interrupted.await();
    assertNothingIsHeld();
  }
}
