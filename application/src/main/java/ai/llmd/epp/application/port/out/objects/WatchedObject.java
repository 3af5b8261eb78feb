package ai.llmd.epp.application.port.out.objects;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An object of Kubernetes as it is now.
 *
 * @param kind what it is
 * @param namespace empty when it has none
 * @param labels none when it has none
 * @param content the whole object, as maps, lists, texts, numbers and booleans; not to be changed
 */
public record WatchedObject(
    ObjectKind kind,
    String namespace,
    String name,
    Map<String, String> labels,
    Map<String, Object> content) {

  public WatchedObject {
    labels = Map.copyOf(labels);
  }

  /** The text at a path such as {@code spec}, {@code hostname}; empty when there is none. */
  public String text(String... path) {
    @Nullable Object found = content;
    for (String field : path) {
      found = found instanceof Map<?, ?> map ? map.get(field) : null;
    }
    return found instanceof String text ? text : "";
  }
}
