package ai.llmd.epp.sidecar.connector;

import ai.llmd.epp.sidecar.body.JsonEdit;
import ai.llmd.epp.sidecar.body.JsonObject;

/** Makes a request of which only the prompt matters. */
final class Priming {

  private Priming() {}

  /** One token, at once; the newer limit only where the client sent it. */
  static JsonEdit of(JsonObject body) {
    JsonEdit edit = body.edit().set("max_tokens", 1);
    if (body.has("max_completion_tokens")) {
      edit.set("max_completion_tokens", 1);
    }
    return edit.set("stream", false).remove("stream_options");
  }
}
