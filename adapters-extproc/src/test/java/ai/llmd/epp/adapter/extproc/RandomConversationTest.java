package ai.llmd.epp.adapter.extproc;

import static ai.llmd.epp.adapter.extproc.dialogue.Messages.inModes;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestBody;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestHeaders;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestTrailers;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseBody;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseHeaders;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseTrailers;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.extproc.memory.BodyBuffer;
import ai.llmd.epp.adapter.extproc.memory.BufferedBytes;
import ai.llmd.epp.adapter.extproc.message.ExtProcResponse;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import ai.llmd.epp.domain.routing.RoutingDecision.Reject;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages in every order: a conversation ends once, and nothing of it stays. */
class RandomConversationTest {

  private static final String BODY = "{\"model\":\"llama\",\"prompt\":\"hello\"}";

  private final FakeRouting routing = new FakeRouting();
  private final RecordedExchanges exchanges = new RecordedExchanges();
  private final BufferedBytes bufferedBytes = new BufferedBytes(600);
  private final List<ProcessingResponse> answers = new ArrayList<>();
  private int ends;
  private int closes;

  private StreamObserver<ProcessingRequest> stream() {
    return Wire.to(
        new ExtProcStream(
            TestPicker.withLimits(new StreamLimits(80, 60, 600, 10, 10))
                .apply(TestPicker.parts(routing, exchanges)),
            bufferedBytes,
            new StreamObserver<>() {
              @Override
              public void onNext(ExtProcResponse answer) {
                assertThat(closes).as("closed before an answer").isZero();
                answers.add(Wire.written(answer));
              }

              @Override
              public void onError(Throwable cause) {
                closes++;
              }

              @Override
              public void onCompleted() {
                closes++;
              }
            },
            new ExtProcStream.Threads(Runnable::run, Runnable::run),
            () -> ends++));
  }

  private void assertNothingIsLeft() {
    assertThat(ends).isEqualTo(1);
    assertThat(closes).isLessThanOrEqualTo(1);
    assertThat(bufferedBytes.held()).isZero();
    assertThat(routing.routes).allSatisfy(route -> assertThat(route.ends).hasSize(1));
    assertThat(count("streamEnded")).isEqualTo(1);
    assertThat(count("ended")).isEqualTo(count("routed") + count("followed"));
  }

  private long count(String event) {
    return exchanges.events.stream()
        .filter(e -> e.equals(event) || e.startsWith(event + " "))
        .count();
  }

  @RepeatedTest(2_000)
  void endsOnceWhateverComes(RepetitionInfo round) {
    Random random = new Random(round.getCurrentRepetition());
    misbehave(random);
    StreamObserver<ProcessingRequest> stream = stream();
    int messages = random.nextInt(12);
    for (int i = 0; i < messages; i++) {
      stream.onNext(i == 0 ? inSomeMode(message(random), random) : message(random));
    }
    if (random.nextBoolean()) {
      stream.onCompleted();
    }
    stream.onError(Status.CANCELLED.asRuntimeException());
    stream.onNext(message(random));

    assertNothingIsLeft();
  }

  private void misbehave(Random random) {
    switch (random.nextInt(8)) {
      case 0 ->
          routing.decision =
              decided -> {
                throw new IllegalStateException("a defect");
              };
      case 1 ->
          routing.decision =
              decided ->
                  decided instanceof Route route
                      ? new Reject(route.labels(), Reason.SHED, "full", route.evidence())
                      : decided;
      case 2 ->
          routing.onHeaders =
              (route, head) -> {
                throw new IllegalStateException("a defect");
              };
      case 3 -> routing.endpoints = List.of();
      default -> {}
    }
  }

  private static ProcessingRequest message(Random random) {
    boolean isLast = random.nextBoolean();
    return switch (random.nextInt(10)) {
      case 0 -> ProcessingRequest.getDefaultInstance();
      case 1, 2 -> requestHeaders(isLast && random.nextBoolean(), ":path", path(random));
      case 3, 4 -> requestBody(random.nextInt(4) == 0 ? "{ not JSON" : BODY, isLast);
      case 5 -> requestTrailers();
      case 6 -> responseTrailers();
      case 7 ->
          responseHeaders(
              isLast && random.nextBoolean(),
              "content-type",
              random.nextBoolean() ? "text/event-stream" : "application/json");
      default -> responseBody("data: {\"a\":\"some bytes of it\"}\n", isLast);
    };
  }

  private static String path(Random random) {
    return List.of("/v1/completions", "/v1/messages/count_tokens", "/tokenize")
        .get(random.nextInt(3));
  }

  private static ProcessingRequest inSomeMode(ProcessingRequest first, Random random) {
    BodySendMode[] modes = {
      BodySendMode.FULL_DUPLEX_STREAMED,
      BodySendMode.BUFFERED,
      BodySendMode.NONE,
      BodySendMode.STREAMED
    };
    if (random.nextBoolean()) {
      return first;
    }
    BodySendMode request = modes[random.nextInt(modes.length)];
    return inModes(request, modes[random.nextInt(modes.length)], first);
  }

  private static final List<ProcessingRequest> WHOLE =
      List.of(
          requestHeaders(false, "x-request-id", "1"),
          requestBody(BODY.substring(0, 9), false),
          requestBody(BODY.substring(9), true),
          responseHeaders(false, ":status", "200"),
          responseBody("{\"model\":", false),
          responseBody("\"llama\"}", true));

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6})
  void releasesOnceWhenItIsCancelledAfterAnyMessage(int messages) {
    StreamObserver<ProcessingRequest> stream = stream();
    WHOLE.subList(0, messages).forEach(stream::onNext);
    stream.onError(Status.CANCELLED.asRuntimeException());

    assertNothingIsLeft();
    assertThat(routing.routes).hasSize(messages < 3 ? 0 : 1);
    routing.routes.forEach(
        route ->
            assertThat(route.calls)
                .endsWith(messages == 6 ? "ended natural" : "ended client-disconnect"));
  }

  @Test
  void routesABodyThatComesBeforeItsHeaders() {
    StreamObserver<ProcessingRequest> stream = stream();
    stream.onNext(requestBody(BODY, true));
    assertThat(answers).hasSize(2);
    assertThat(answers.getFirst().hasRequestHeaders()).isTrue();
    stream.onNext(requestHeaders(false, "x-request-id", "late"));
    assertThat(answers).hasSize(2);
  }

  @Test
  void ignoresASecondHeaderMessage() {
    StreamObserver<ProcessingRequest> stream = stream();
    stream.onNext(requestHeaders(false, "x-request-id", "first"));
    stream.onNext(requestHeaders(true, "x-request-id", "second"));
    assertThat(answers).isEmpty();
    stream.onNext(requestBody(BODY, true));
    assertThat(routing.requests.getFirst().requestId()).isEqualTo("first");
  }

  @Test
  void letsGoOfARequestThatIsAnsweredBeforeItIsComplete() {
    StreamObserver<ProcessingRequest> stream = stream();
    stream.onNext(WHOLE.get(0));
    stream.onNext(WHOLE.get(1));
    assertThat(bufferedBytes.held()).isEqualTo(9 + BodyBuffer.PIECE_BYTES);
    stream.onNext(responseHeaders(false, ":status", "408"));
    assertThat(bufferedBytes.held()).isZero();
    stream.onNext(WHOLE.get(2)); // too late
    assertThat(routing.requests).isEmpty();
    assertThat(answers).hasSize(1);
  }

  @Test
  void ignoresMessagesAfterTheEndOfAResponse() {
    StreamObserver<ProcessingRequest> stream = stream();
    WHOLE.forEach(stream::onNext);
    int answered = answers.size();
    stream.onNext(responseBody("more", true));
    stream.onNext(responseHeaders(false, ":status", "200"));
    assertThat(answers).hasSize(answered);
    stream.onNext(responseTrailers());
    stream.onNext(responseTrailers());
    assertThat(answers).hasSize(answered + 1);
    stream.onCompleted();
    assertNothingIsLeft();
  }

  @Test
  void passesOnABodyWhoseHeadersAreNotShown() {
    StreamObserver<ProcessingRequest> stream = stream();
    WHOLE.subList(0, 3).forEach(stream::onNext);
    stream.onNext(responseBody("{}", true));
    assertThat(answers.getLast().hasResponseBody()).isTrue();
    assertThat(Collections.frequency(routing.routes.getFirst().calls, "headers")).isEqualTo(1);
  }
}
