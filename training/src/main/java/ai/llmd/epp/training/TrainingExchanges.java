package ai.llmd.epp.training;

import io.envoyproxy.envoy.service.ext_proc.v3.BodyResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.grpc.Channel;
import java.util.Random;
import java.util.function.Predicate;

/** Conversations in Envoy's modes, each to its end. One thread. */
final class TrainingExchanges {

  private static final int TRIES = 1_000;

  private final Channel picker;
  private final Random random;

  TrainingExchanges(Channel picker, Random random) {
    this.picker = picker;
    this.random = random;
  }

  /** Waits until there is an endpoint. */
  void untilRouted() {
    for (int i = 0; i < TRIES; i++) {
      PickerStream stream = open(false, false).send(body(100, false));
      ProcessingResponse answer = stream.next();
      stream.cancel();
      if (answer.hasRequestHeaders()) {
        return;
      }
    }
    throw new IllegalStateException("no endpoint after " + TRIES + " requests");
  }

  /** A streamed request, a response of one piece. */
  void one(int bytes) {
    PickerStream stream = open(false, false).send(body(bytes, false));
    await(stream, TrainingExchanges::endsRequest);
    stream.send(TrainingMessages.responseHeaders("application/json"));
    stream.send(
        TrainingMessages.responseBody(
            "{\"id\":\"1\",\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2,"
                + "\"total_tokens\":9}}",
            true));
    await(stream, TrainingExchanges::endsResponse);
    stream.halfClose().awaitEnd();
  }

  /** A streamed request, a response of events. */
  void streamed(int bytes, int chunks) {
    PickerStream stream = open(true, false).send(body(bytes, true));
    await(stream, TrainingExchanges::endsRequest);
    stream.send(TrainingMessages.responseHeaders("text/event-stream"));
    for (int i = 0; i < chunks; i++) {
      String event = "data: {\"choices\":[{\"delta\":{\"content\":\"word\"}}]}\n\n";
      stream.send(TrainingMessages.responseBody(event, false));
    }
    stream.send(TrainingMessages.responseBody("data: [DONE]\n\n", true));
    await(stream, TrainingExchanges::endsResponse);
    stream.halfClose().awaitEnd();
  }

  /** A request in one piece, a response that is not shown; Envoy ends it by a reset. */
  void buffered(int bytes) {
    PickerStream stream = open(true, true);
    await(stream, ProcessingResponse::hasRequestHeaders);
    stream.send(body(bytes, true));
    await(stream, ProcessingResponse::hasRequestBody);
    stream.send(TrainingMessages.responseHeaders("text/event-stream"));
    await(stream, ProcessingResponse::hasResponseHeaders);
    stream.cancel().awaitEnd();
  }

  private PickerStream open(boolean streams, boolean isBuffered) {
    return PickerStream.open(picker)
        .send(
            TrainingMessages.requestHeaders(
                isBuffered,
                ":method",
                "POST",
                ":path",
                "/v1/chat/completions",
                ":authority",
                "gateway",
                "content-type",
                "application/json",
                "accept",
                streams ? "text/event-stream" : "*/*",
                "x-request-id",
                "r-" + random.nextInt()));
  }

  /** A prompt whose beginning it shares with others. */
  private ProcessingRequest body(int bytes, boolean streams) {
    StringBuilder text = new StringBuilder("You help in the house of customer ");
    text.append(random.nextInt(8)).append(". ");
    while (text.length() < bytes * 9 / 10) {
      text.append("Be kind and say \\\"yes\\\" to number ").append(text.length()).append(". ");
    }
    while (text.length() < bytes) {
      text.append(random.nextInt()).append(' ');
    }
    String body =
        "{\"model\":\"m\",\"stream\":%b,\"max_tokens\":100,".formatted(streams)
            + "\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}".formatted(text);
    return TrainingMessages.requestBody(body);
  }

  private static void await(PickerStream stream, Predicate<ProcessingResponse> last) {
    ProcessingResponse answer;
    do {
      answer = stream.next();
      if (answer.hasImmediateResponse()) {
        throw new IllegalStateException("refused: " + answer.getImmediateResponse());
      }
    } while (!last.test(answer));
  }

  private static boolean endsRequest(ProcessingResponse answer) {
    return answer.hasRequestBody() && ends(answer.getRequestBody());
  }

  private static boolean endsResponse(ProcessingResponse answer) {
    return answer.hasResponseBody() && ends(answer.getResponseBody());
  }

  private static boolean ends(BodyResponse body) {
    return body.getResponse().getBodyMutation().getStreamedResponse().getEndOfStream();
  }
}
