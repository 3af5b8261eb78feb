package ai.llmd.epp.adapter.extproc.rehearsal;

import io.envoyproxy.envoy.service.ext_proc.v3.BodyResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.grpc.Channel;
import java.util.Random;
import java.util.function.Predicate;

/**
 * Conversations with a picker as Envoy holds them in its modes, each to its end. One thread.
 *
 * <p>Prompts share their beginnings, as those of real clients do.
 */
public final class Conversations {

  private static final int TRIES = 1_000;

  private final Channel picker;
  private final Random random;

  /**
   * @param picker where the picker is; the caller closes it
   */
  public Conversations(Channel picker, Random random) {
    this.picker = picker;
    this.random = random;
  }

  /**
   * Waits until there is an endpoint.
   *
   * @throws IllegalStateException when there is none after many tries, as every method here does
   *     when a stream ends early or is not answered within a minute
   */
  public void untilRouted() {
    for (int i = 0; i < TRIES; i++) {
      GatewayStream stream = open(false, false).send(body(100, false));
      ProcessingResponse answer = stream.next();
      stream.cancel();
      if (answer.hasRequestHeaders()) {
        return;
      }
    }
    throw new IllegalStateException("no endpoint after " + TRIES + " requests");
  }

  /**
   * A streamed request, a response of one piece.
   *
   * @param bytes about the size of the request body
   */
  public void one(int bytes) {
    GatewayStream stream = open(false, false).send(body(bytes, false));
    await(stream, Conversations::endsRequest);
    stream.send(GatewayMessages.responseHeaders("application/json"));
    stream.send(
        GatewayMessages.responseBody(
            "{\"id\":\"1\",\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2,"
                + "\"total_tokens\":9}}",
            true));
    await(stream, Conversations::endsResponse);
    stream.halfClose().awaitEnd();
  }

  /**
   * A streamed request, a response of events.
   *
   * @param bytes about the size of the request body
   * @param chunks events of the response
   */
  public void streamed(int bytes, int chunks) {
    GatewayStream stream = open(true, false).send(body(bytes, true));
    await(stream, Conversations::endsRequest);
    stream.send(GatewayMessages.responseHeaders("text/event-stream"));
    for (int i = 0; i < chunks; i++) {
      String event = "data: {\"choices\":[{\"delta\":{\"content\":\"word\"}}]}\n\n";
      stream.send(GatewayMessages.responseBody(event, false));
    }
    stream.send(GatewayMessages.responseBody("data: [DONE]\n\n", true));
    await(stream, Conversations::endsResponse);
    stream.halfClose().awaitEnd();
  }

  /**
   * A request in one piece, a response whose body is not shown; Envoy ends it by a reset.
   *
   * @param bytes about the size of the request body
   */
  public void buffered(int bytes) {
    GatewayStream stream = open(true, true);
    await(stream, ProcessingResponse::hasRequestHeaders);
    stream.send(body(bytes, true));
    await(stream, ProcessingResponse::hasRequestBody);
    stream.send(GatewayMessages.responseHeaders("text/event-stream"));
    await(stream, ProcessingResponse::hasResponseHeaders);
    stream.cancel().awaitEnd();
  }

  private GatewayStream open(boolean streams, boolean isBuffered) {
    return GatewayStream.open(picker)
        .send(
            GatewayMessages.requestHeaders(
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
    return GatewayMessages.requestBody(body);
  }

  private static void await(GatewayStream stream, Predicate<ProcessingResponse> last) {
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
