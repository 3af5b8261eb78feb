package ai.llmd.epp.acceptance.stack;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A complete answer.
 *
 * @param servedBy port of the model server that gave it; 0 when none did
 * @param headers by lower-case name
 */
public record Reply(int status, int servedBy, Map<String, List<String>> headers, String body) {

  private static final JsonMapper JSON = new JsonMapper();

  static Reply of(HttpResponse<String> response) {
    return new Reply(
        response.statusCode(), servedBy(response), response.headers().map(), response.body());
  }

  static int servedBy(HttpResponse<?> response) {
    return response.headers().firstValue("x-inference-port").map(Integer::valueOf).orElse(0);
  }

  public JsonNode json() {
    return JSON.readTree(body);
  }

  /** Tokens of the prompt, as the model server counts them. */
  public long promptTokens() {
    return json().at("/usage/prompt_tokens").asLong();
  }

  /** Those of them that the model server had cached. */
  public long cachedTokens() {
    return json().at("/usage/prompt_tokens_details/cached_tokens").asLong();
  }

  /** The share of all prompt tokens that model servers had cached, from 0 to 1. */
  public static double cachedShare(List<Reply> replies) {
    double cached = 0;
    double all = 0;
    for (Reply reply : replies) {
      cached += reply.cachedTokens();
      all += reply.promptTokens();
    }
    return cached / all;
  }
}
