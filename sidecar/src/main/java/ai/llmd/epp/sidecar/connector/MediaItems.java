package ai.llmd.epp.sidecar.connector;

import ai.llmd.epp.sidecar.body.JsonObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The pictures, sounds and films in a chat. */
final class MediaItems {

  private static final Set<String> BY_URL = Set.of("image_url", "audio_url", "video_url");
  private static final String INLINE = "input_audio";

  private MediaItems() {}

  /** In order, each address once. */
  static List<JsonObject> in(JsonObject body) {
    List<JsonObject> items = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (JsonObject message : body.objects("messages")) {
      for (JsonObject part : message.objects("content")) {
        String type = part.text("type");
        if (INLINE.equals(type)) {
          items.add(part);
        } else if (type != null && BY_URL.contains(type)) {
          String url = url(part, type);
          if (url == null || seen.add(url)) {
            items.add(part);
          }
        }
      }
    }
    return items;
  }

  private static @Nullable String url(JsonObject part, String type) {
    JsonObject described = part.object(type);
    return described == null ? null : described.text("url");
  }
}
