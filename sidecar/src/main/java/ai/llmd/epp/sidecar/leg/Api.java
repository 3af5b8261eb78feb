package ai.llmd.epp.sidecar.leg;

import ai.llmd.epp.sidecar.body.JsonEdit;
import ai.llmd.epp.sidecar.body.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which fields of a body limit the tokens of an answer. */
public enum Api {
  CHAT("chat_completions", List.of("max_tokens", "max_completion_tokens", "min_tokens")),
  RESPONSES("responses", List.of("max_output_tokens")),
  GENERATE("generate", List.of("max_tokens", "min_tokens"));

  private static final String SAMPLING = "sampling_params";

  private final String kind;

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of
  private final List<String> limits;

  Api(String kind, List<String> limits) {
    this.kind = kind;
    this.limits = limits;
  }

  /** Of a path without its query; null for one that is handed on as it is. */
  public static @Nullable Api of(String path) {
    return switch (path) {
      case "/v1/chat/completions", "/v1/completions", "/v1/messages" -> CHAT;
      case "/v1/responses" -> RESPONSES;
      case "/inference/v1/generate" -> GENERATE;
      default -> null;
    };
  }

  /** For logs and traces. */
  public String kind() {
    return kind;
  }

  /** Sets all limits to one token, those that the client did not send, too. */
  public void limitToOne(JsonObject body, JsonEdit edit) {
    if (this == GENERATE) {
      JsonObject given = body.object(SAMPLING);
      JsonEdit sampling = (given == null ? JsonObject.empty() : given).edit();
      limits.forEach(limit -> sampling.set(limit, 1));
      edit.set(SAMPLING, sampling);
    } else {
      limits.forEach(limit -> edit.set(limit, 1));
    }
  }
}
