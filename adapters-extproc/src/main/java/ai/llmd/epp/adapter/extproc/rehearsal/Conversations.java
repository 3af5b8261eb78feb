package ai.llmd.epp.adapter.extproc.rehearsal;

import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/**
 * Conversations with a picker as Envoy holds them in its modes, each to its end. One thread.
 *
 * <p>Prompts share their beginnings, as those of real clients do.
 */
public final class Conversations {

  private static final int TRIES = 1_000;

  private record Shape(int bytes, boolean streams) {}

  private final Gateway picker;
  private final Random random;
  private final Map<Shape, ChatBody> bodies = new HashMap<>();

  /**
   * @param picker the way to it; the caller closes it
   */
  public Conversations(Gateway picker, Random random) {
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
      GatewayStream stream = open(false, false);
      stream.send(body(100, false));
      GatewayAnswer answer = GatewayAnswer.read(stream.next());
      stream.cancel();
      if (answer.field() == ProcessingResponse.REQUEST_HEADERS_FIELD_NUMBER) {
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
    GatewayStream stream = open(false, false);
    stream.send(body(bytes, false));
    awaitEndOf(ProcessingResponse.REQUEST_BODY_FIELD_NUMBER, stream);
    stream.send(GatewayMessages.responseHeaders("application/json"));
    stream.send(
        GatewayMessages.responseBody(
            "{\"id\":\"1\",\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2,"
                + "\"total_tokens\":9}}",
            true));
    awaitEndOf(ProcessingResponse.RESPONSE_BODY_FIELD_NUMBER, stream);
    stream.halfClose();
    stream.awaitEnd();
  }

  /**
   * A streamed request, a response of events.
   *
   * @param bytes about the size of the request body
   * @param chunks events of the response
   */
  public void streamed(int bytes, int chunks) {
    GatewayStream stream = open(true, false);
    stream.send(body(bytes, true));
    awaitEndOf(ProcessingResponse.REQUEST_BODY_FIELD_NUMBER, stream);
    stream.send(GatewayMessages.responseHeaders("text/event-stream"));
    for (int i = 0; i < chunks; i++) {
      String event = "data: {\"choices\":[{\"delta\":{\"content\":\"word\"}}]}\n\n";
      stream.send(GatewayMessages.responseBody(event, false));
    }
    stream.send(GatewayMessages.responseBody("data: [DONE]\n\n", true));
    awaitEndOf(ProcessingResponse.RESPONSE_BODY_FIELD_NUMBER, stream);
    stream.halfClose();
    stream.awaitEnd();
  }

  /**
   * A request in one piece, a response whose body is not shown; Envoy ends it by a reset.
   *
   * @param bytes about the size of the request body
   */
  public void buffered(int bytes) {
    GatewayStream stream = open(true, true);
    await(ProcessingResponse.REQUEST_HEADERS_FIELD_NUMBER, stream);
    stream.send(body(bytes, true));
    await(ProcessingResponse.REQUEST_BODY_FIELD_NUMBER, stream);
    stream.send(GatewayMessages.responseHeaders("text/event-stream"));
    await(ProcessingResponse.RESPONSE_HEADERS_FIELD_NUMBER, stream);
    stream.cancel();
    stream.awaitEnd();
  }

  private GatewayStream open(boolean streams, boolean isBuffered) {
    GatewayStream stream = picker.open();
    stream.send(
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
    return stream;
  }

  private byte[] body(int bytes, boolean streams) {
    return bodies
        .computeIfAbsent(
            new Shape(bytes, streams), shape -> ChatBody.of(shape.bytes, shape.streams))
        .next(random);
  }

  private static void awaitEndOf(int body, GatewayStream stream) {
    while (!await(body, stream).endsBody()) {
      // a piece of it
    }
  }

  /** The next answer of this kind. */
  private static GatewayAnswer await(int field, GatewayStream stream) {
    GatewayAnswer answer = GatewayAnswer.read(stream.next());
    while (answer.field() != field) {
      if (answer.field() == ProcessingResponse.IMMEDIATE_RESPONSE_FIELD_NUMBER) {
        throw new IllegalStateException("a request was refused");
      }
      answer = GatewayAnswer.read(stream.next());
    }
    return answer;
  }
}
