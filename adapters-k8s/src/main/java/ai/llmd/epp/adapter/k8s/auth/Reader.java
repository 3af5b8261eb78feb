package ai.llmd.epp.adapter.k8s.auth;

import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Whose token it is.
 *
 * @param extra further facts, for the decision only
 */
record Reader(String name, String uid, List<String> groups, Map<String, List<String>> extra) {

  private static final String AUTHENTICATED = "system:authenticated";

  Reader {
    groups = List.copyOf(groups);
    extra = Map.copyOf(extra);
  }

  /** Whoever is known is in the group of those who are, whether the API server lists it or not. */
  static Reader of(UserInfo user) {
    List<String> groups = new ArrayList<>(Objects.requireNonNullElse(user.getGroups(), List.of()));
    if (!groups.contains(AUTHENTICATED)) {
      groups.add(AUTHENTICATED);
    }
    return new Reader(
        Objects.requireNonNullElse(user.getUsername(), ""),
        Objects.requireNonNullElse(user.getUid(), ""),
        groups,
        Objects.requireNonNullElse(user.getExtra(), Map.of()));
  }
}
