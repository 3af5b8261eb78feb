package ai.llmd.epp.acceptance.inprocess;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.dialogue.Messages;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.service.ext_proc.v3.ImmediateResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Requests to a picker and what came of them. */
public final class Asking {

  public static final String DESTINATION = "x-gateway-destination-endpoint";

  private Asking() {}

  /**
   * Where a request went.
   *
   * @param headers those set for the model server
   * @param head the answer to the headers
   * @param body what is sent on
   */
  public record Routed(
      Map<String, String> headers, ProcessingResponse head, List<ProcessingResponse> body) {

    public String destination() {
      return String.valueOf(headers.get(DESTINATION));
    }

    public String bodyText() {
      ByteString all = ByteString.EMPTY;
      for (ProcessingResponse chunk : body) {
        all =
            all.concat(
                chunk
                    .getRequestBody()
                    .getResponse()
                    .getBodyMutation()
                    .getStreamedResponse()
                    .getBody());
      }
      return all.toStringUtf8();
    }
  }

  /** A completion, with a greedy sampler and a hundred tokens at most. */
  public static String completion(String model, String prompt) {
    return """
    {"max_tokens":100,"model":"%s","prompt":"%s","temperature":0}\
    """
        .formatted(model, prompt);
  }

  /** Sends the headers and a body of any number of chunks. */
  public static Dialogue open(RunningPicker picker, Map<String, String> headers, String... chunks) {
    Dialogue dialogue = Dialogue.open(picker.channel());
    dialogue.send(headers(false, headers));
    for (int i = 0; i < chunks.length; i++) {
      dialogue.send(Messages.requestBody(chunks[i], i == chunks.length - 1));
    }
    return dialogue;
  }

  /** A header message. */
  public static ProcessingRequest headers(boolean isLast, Map<String, String> headers) {
    List<String> namesAndValues = new ArrayList<>();
    headers.forEach((name, value) -> namesAndValues.addAll(List.of(name, value)));
    return Messages.requestHeaders(isLast, namesAndValues.toArray(String[]::new));
  }

  /** Has a request routed; the stream stays open. */
  public static Routed routed(Dialogue dialogue) {
    ProcessingResponse head = dialogue.next();
    assertThat(head.getResponseCase())
        .as("answer to headers: %s", head)
        .isEqualTo(ProcessingResponse.ResponseCase.REQUEST_HEADERS);
    Map<String, String> headers =
        Messages.setBy(head.getRequestHeaders().getResponse().getHeaderMutation());
    List<ProcessingResponse> body = new ArrayList<>();
    do {
      body.add(dialogue.next());
    } while (!endsStream(body.getLast()));
    return new Routed(headers, head, body);
  }

  private static boolean endsStream(ProcessingResponse chunk) {
    return chunk
        .getRequestBody()
        .getResponse()
        .getBodyMutation()
        .getStreamedResponse()
        .getEndOfStream();
  }

  /** Asks and ends the stream. */
  public static Routed route(RunningPicker picker, Map<String, String> headers, String... chunks) {
    Dialogue dialogue = open(picker, headers, chunks);
    Routed routed = routed(dialogue);
    dialogue.halfClose().end();
    return routed;
  }

  /** The refusal that is the only answer. */
  public static ImmediateResponse refused(Dialogue dialogue) {
    ProcessingResponse answer = dialogue.next();
    assertThat(answer.getResponseCase())
        .as("answer: %s", answer)
        .isEqualTo(ProcessingResponse.ResponseCase.IMMEDIATE_RESPONSE);
    dialogue.halfClose().end();
    return answer.getImmediateResponse();
  }
}
