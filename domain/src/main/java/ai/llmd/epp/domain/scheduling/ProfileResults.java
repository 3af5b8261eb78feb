package ai.llmd.epp.domain.scheduling;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The results of one scheduling call so far, by profile, in the order in which they ran. A profile
 * that failed is there too, without a result. Belongs to the request's thread.
 */
public final class ProfileResults {

  private final List<String> names = new ArrayList<>(2);
  private final List<@Nullable ProfileResult> results = new ArrayList<>(2);

  /** Notes a result, or null for a profile that failed or was decided against. */
  public void put(String profile, @Nullable ProfileResult result) {
    int at = names.indexOf(profile);
    if (at >= 0) {
      results.set(at, result);
    } else {
      names.add(profile);
      results.add(result);
    }
  }

  /** Number of profiles that have run, failed ones included. */
  public int size() {
    return names.size();
  }

  public boolean isEmpty() {
    return names.isEmpty();
  }

  /** Whether the profile has run, with or without success. */
  public boolean has(String profile) {
    return names.contains(profile);
  }

  /** Names in the order of their first run. */
  public List<String> profiles() {
    return List.copyOf(names);
  }

  public Optional<ProfileResult> find(String profile) {
    int at = names.indexOf(profile);
    return at < 0 ? Optional.empty() : Optional.ofNullable(results.get(at));
  }
}
