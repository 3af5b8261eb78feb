package ai.llmd.epp.domain.routing;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The head of a response that was never sent.
 *
 * @param headers that the model server has sent, by name in lower case
 * @param metadata of the gateway, by namespace
 * @param set what the client gets besides
 */
public record FakeResponseHead(
    Map<String, String> headers, Map<String, Map<String, String>> metadata, Map<String, String> set)
    implements ResponseHead {

  /** One without metadata. */
  public static FakeResponseHead of(Map<String, String> headers) {
    return of(headers, Map.of());
  }

  public static FakeResponseHead of(
      Map<String, String> headers, Map<String, Map<String, String>> metadata) {
    return new FakeResponseHead(headers, metadata, new TreeMap<>());
  }

  @Override
  public @Nullable String header(String lowerCaseName) {
    return headers.get(lowerCaseName);
  }

  @Override
  public @Nullable String metadata(String namespace, String key) {
    return metadata.getOrDefault(namespace, Map.of()).get(key);
  }

  @Override
  public boolean hasMetadata(String namespace) {
    return metadata.containsKey(namespace);
  }

  @Override
  public void set(String name, String value) {
    set.put(name, value);
  }
}
