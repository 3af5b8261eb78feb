package ai.llmd.epp.benchmark;

import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import java.util.ArrayList;
import java.util.List;

/** What the model server of a conversation answers: built once, sent by every conversation. */
record Responses(ProcessingRequest headers, List<ProcessingRequest> body) {

  private static final String USAGE =
      "\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":15}";

  /**
   * @param chunks streamed events before the one with the usage; 0 is one JSON body
   */
  static Responses of(int chunks) {
    if (chunks == 0) {
      String whole =
          "{\"id\":\"c1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":"
              + "[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"ok\"},"
              + "\"finish_reason\":\"stop\"}],"
              + USAGE
              + "}";
      return new Responses(
          Messages.responseHeaders("application/json"),
          List.of(Messages.responseBody(whole, true)));
    }
    List<ProcessingRequest> body = new ArrayList<>(chunks + 1);
    ProcessingRequest chunk =
        Messages.responseBody(
            event(
                "\"choices\":[{\"index\":0,\"delta\":{\"content\":\" token\"},"
                    + "\"finish_reason\":null}]"),
            false);
    for (int i = 0; i < chunks; i++) {
      body.add(chunk);
    }
    body.add(Messages.responseBody(event("\"choices\":[]," + USAGE) + "data: [DONE]\n\n", true));
    return new Responses(Messages.responseHeaders("text/event-stream"), body);
  }

  private static String event(String rest) {
    return "data:"
        + " {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\","
        + rest
        + "}\n\n";
  }
}
