package ai.llmd.epp.bootstrap.training;

import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.dialogue.Messages;
import com.google.protobuf.Struct;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode;
import io.envoyproxy.envoy.service.ext_proc.v3.BodyResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProtocolConfiguration;
import io.grpc.Channel;
import java.util.Random;
import java.util.function.Predicate;

/** Conversations in Envoy's modes, each to its end. One thread. */
final class TrainingExchanges {

  private static final int TRIES = 1_000;

  /** Envoy adds some to every message. */
  private static final Metadata METADATA =
      Metadata.newBuilder().putFilterMetadata("envoy.lb", Struct.getDefaultInstance()).build();

  private static final ProtocolConfiguration BUFFERED =
      ProtocolConfiguration.newBuilder()
          .setRequestBodyMode(BodySendMode.BUFFERED)
          .setResponseBodyMode(BodySendMode.NONE)
          .build();

  private final Channel picker;
  private final Random random;

  TrainingExchanges(Channel picker, Random random) {
    this.picker = picker;
    this.random = random;
  }

  /** Waits until there is an endpoint. */
  void untilRouted() {
    for (int i = 0; i < TRIES; i++) {
      Dialogue dialogue = picker(false, false);
      dialogue.send(body(100, false));
      ProcessingResponse answer = dialogue.next();
      dialogue.cancel();
      if (answer.hasRequestHeaders()) {
        return;
      }
    }
    throw new IllegalStateException("no endpoint after " + TRIES + " requests");
  }

  /** A streamed request, a response of one piece. */
  void one(int bytes) {
    Dialogue dialogue = picker(false, false).send(body(bytes, false));
    await(dialogue, TrainingExchanges::endsRequest);
    dialogue.send(head("application/json"));
    dialogue.send(
        withMetadata(
            Messages.responseBody(
                "{\"id\":\"1\",\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2,"
                    + "\"total_tokens\":9}}",
                true)));
    await(dialogue, TrainingExchanges::endsResponse);
    dialogue.halfClose().endDespiteAnswers();
  }

  /** A streamed request, a response of events. */
  void streamed(int bytes, int chunks) {
    Dialogue dialogue = picker(true, false).send(body(bytes, true));
    await(dialogue, TrainingExchanges::endsRequest);
    dialogue.send(head("text/event-stream"));
    for (int i = 0; i < chunks; i++) {
      String event = "data: {\"choices\":[{\"delta\":{\"content\":\"word\"}}]}\n\n";
      dialogue.send(withMetadata(Messages.responseBody(event, false)));
    }
    dialogue.send(withMetadata(Messages.responseBody("data: [DONE]\n\n", true)));
    await(dialogue, TrainingExchanges::endsResponse);
    dialogue.halfClose().endDespiteAnswers();
  }

  /** A request in one piece, a response that is not shown; Envoy ends it by a reset. */
  void buffered(int bytes) {
    Dialogue dialogue = picker(true, true);
    await(dialogue, ProcessingResponse::hasRequestHeaders);
    dialogue.send(body(bytes, true));
    await(dialogue, ProcessingResponse::hasRequestBody);
    dialogue.send(head("text/event-stream"));
    await(dialogue, ProcessingResponse::hasResponseHeaders);
    dialogue.cancel();
    dialogue.endDespiteAnswers();
  }

  private Dialogue picker(boolean streams, boolean isBuffered) {
    ProcessingRequest.Builder headers =
        Messages.requestHeaders(
            false,
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
            "r-" + random.nextInt())
            .toBuilder();
    if (isBuffered) {
      headers.setProtocolConfig(BUFFERED);
    }
    return Dialogue.open(picker).send(withMetadata(headers.build()));
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
    return withMetadata(Messages.requestBody(body, true));
  }

  private static ProcessingRequest head(String contentType) {
    return withMetadata(
        Messages.responseHeaders(false, ":status", "200", "content-type", contentType));
  }

  private static ProcessingRequest withMetadata(ProcessingRequest message) {
    return message.toBuilder().setMetadataContext(METADATA).build();
  }

  private static void await(Dialogue dialogue, Predicate<ProcessingResponse> last) {
    ProcessingResponse answer;
    do {
      answer = dialogue.next();
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
