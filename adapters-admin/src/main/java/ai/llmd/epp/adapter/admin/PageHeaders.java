package ai.llmd.epp.adapter.admin;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Headers of a request for a page; names in any case. Immutable. */
public final class PageHeaders {

  /** No header at all. */
  public static final PageHeaders NONE = new PageHeaders(Map.of());

  private final Map<String, String> byLowerCaseName;

  /**
   * @param headers values of a name that came more than once are one, with commas between them
   */
  public PageHeaders(Map<String, String> headers) {
    Map<String, String> lowered = new HashMap<>();
    headers.forEach((name, value) -> lowered.put(name.toLowerCase(Locale.ROOT), value));
    byLowerCaseName = Map.copyOf(lowered);
  }

  /** A value, or null. */
  public @Nullable String get(String name) {
    return byLowerCaseName.get(name.toLowerCase(Locale.ROOT));
  }
}
