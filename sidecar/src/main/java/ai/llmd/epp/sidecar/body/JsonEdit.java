package ai.llmd.epp.sidecar.body;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Changes members of an object; the rest of it is copied as it stands. One thread. */
public final class JsonEdit {

  private final JsonObject source;
  private final Set<String> removed = new HashSet<>();
  private final Map<String, byte[]> added = new LinkedHashMap<>();

  JsonEdit(JsonObject source) {
    this.source = source;
  }

  /** Sets a member to a JSON text. */
  public JsonEdit set(String name, byte[] value) {
    removed.add(name);
    added.put(name, value);
    return this;
  }

  public JsonEdit set(String name, String value) {
    return set(name, JsonText.string(value));
  }

  public JsonEdit set(String name, long value) {
    return set(name, JsonText.number(value));
  }

  public JsonEdit set(String name, boolean value) {
    return set(name, JsonText.bool(value));
  }

  public JsonEdit set(String name, JsonEdit value) {
    return set(name, value.toBytes());
  }

  /** Sets a member to {@code null}. */
  public JsonEdit clear(String name) {
    return set(name, JsonText.nothing());
  }

  public JsonEdit setStrings(String name, List<String> values) {
    return set(
        name,
        JsonObject.utf8(
            "[" + String.join(",", values.stream().map(JsonText::quoted).toList()) + "]"));
  }

  /** Sets a member unless there is one. */
  public JsonEdit setIfAbsent(String name, byte[] value) {
    return source.has(name) || added.containsKey(name) ? this : set(name, value);
  }

  public JsonEdit remove(String name) {
    removed.add(name);
    added.remove(name);
    return this;
  }

  /** Adds an element at the end of an array; what is none becomes one. */
  public JsonEdit append(String name, byte[] element) {
    byte[] array = added.containsKey(name) ? added.get(name) : source.raw(name);
    boolean isArray = array != null && array.length > 1 && array[0] == '[';
    byte[] start = isArray && array != null ? array : JsonObject.utf8("[]");
    int end = start.length - 1; // its closing bracket
    boolean isEmpty = true;
    for (int i = 1; i < end && isEmpty; i++) {
      isEmpty = start[i] <= ' ' && start[i] >= 0;
    }
    byte[] longer = new byte[end + (isEmpty ? 0 : 1) + element.length + 1];
    System.arraycopy(start, 0, longer, 0, end);
    int at = end;
    if (!isEmpty) {
      longer[at++] = ',';
    }
    System.arraycopy(element, 0, longer, at, element.length);
    longer[longer.length - 1] = ']';
    return set(name, longer);
  }

  /** The changed object. */
  public byte[] toBytes() {
    List<byte[][]> members = new ArrayList<>();
    added.forEach((name, value) -> members.add(new byte[][] {JsonText.string(name), value}));
    return source.without(removed, members);
  }
}
