package ai.llmd.epp.adapter.admin;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Headers of a request for a page; names in any case. Immutable. */
public final class PageHeaders {

  /** No header at all. */
  public static final PageHeaders NONE = new PageHeaders(Map.of());

  private final Map<String, String> values = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  /**
   * @param headers values of a name that came more than once are one, with commas between them
   */
  public PageHeaders(Map<String, String> headers) {
    values.putAll(headers);
  }

  /** A value, or null. */
  public @Nullable String get(String name) {
    return values.get(name);
  }
}
