package ai.llmd.epp.domain.routing;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Request headers that plugins set or remove. Lower-case names; belongs to the request's thread.
 */
public final class HeaderChanges {

  private Map<String, String> set = Map.of();
  private Set<String> removed = Set.of();

  /** Sets a header for the model server, replacing the client's. */
  public void set(String lowerCaseName, String value) {
    if (set.isEmpty()) {
      set = new LinkedHashMap<>();
    }
    set.put(lowerCaseName, value);
  }

  /** Takes a header of the client away. */
  public void remove(String lowerCaseName) {
    if (removed.isEmpty()) {
      removed = new LinkedHashSet<>();
    }
    removed.add(lowerCaseName);
    if (!set.isEmpty()) {
      set.remove(lowerCaseName);
    }
  }

  public Map<String, String> toSet() {
    return set;
  }

  /** Removed, unless set again. */
  public boolean isRemoved(String lowerCaseName) {
    return removed.contains(lowerCaseName) && !set.containsKey(lowerCaseName);
  }
}
