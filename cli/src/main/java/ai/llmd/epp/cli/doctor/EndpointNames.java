package ai.llmd.epp.cli.doctor;

import java.util.Collection;
import java.util.List;

/** Names of endpoints in a sentence. */
final class EndpointNames {

  private static final int MAX_NAMES = 5;

  private EndpointNames() {}

  /** The first five, with a mark where there are more. */
  static String first(Collection<String> endpoints) {
    List<String> first = endpoints.stream().limit(MAX_NAMES).toList();
    return String.join(", ", first) + (endpoints.size() > MAX_NAMES ? ", …" : "");
  }
}
