package ai.llmd.epp.adapter.tokenizers.jinja;

import java.util.HashMap;
import java.util.Map;

/** The only value that changes: its members are set from inside loops. */
final class Namespace implements Accesses.Members {

  private final Map<String, Object> members = new HashMap<>();

  Namespace(Map<String, Object> members) {
    this.members.putAll(members);
  }

  @Override
  public Object member(String name) {
    return members.getOrDefault(name, Undefined.UNDEFINED);
  }

  void set(String name, Object value) {
    members.put(name, value);
  }
}
