package ai.llmd.epp.sidecar.body;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An object in a JSON text: where its members are. Nothing is copied but what is asked for; a
 * changed object keeps every byte of the members that were not named. Immutable.
 */
public final class JsonObject {

  /**
   * A member's place.
   *
   * @param start of the key, with its quote
   * @param valueStart where the value begins
   * @param end behind the value
   */
  private record Member(String name, int start, int valueStart, int end) {}

  private final byte[] text;
  private final List<Member> members;

  private JsonObject(byte[] text, List<Member> members) {
    this.text = text;
    this.members = members;
  }

  /** An object without members. */
  public static JsonObject empty() {
    return new JsonObject(new byte[0], List.of());
  }

  /**
   * Reads a text that is one object.
   *
   * @throws InvalidJsonException when it is not
   */
  public static JsonObject parse(byte[] text) throws InvalidJsonException {
    return parse(text, 0, text.length);
  }

  private static JsonObject parse(byte[] text, int from, int to) throws InvalidJsonException {
    JsonScanner json = new JsonScanner(text, from, to);
    JsonKind kind = json.kind();
    List<Member> members = kind == JsonKind.OBJECT ? members(text, json) : List.of();
    if (kind != JsonKind.OBJECT) {
      json.skip();
    }
    json.finish();
    String error = json.error();
    if (error != null) {
      throw new InvalidJsonException(error);
    }
    if (kind != JsonKind.OBJECT) {
      throw new InvalidJsonException(
          "json: cannot unmarshal "
              + named(kind)
              + " into Go value of type map[string]interface {}");
    }
    return new JsonObject(text, members);
  }

  private static List<Member> members(byte[] text, JsonScanner json) {
    List<Member> members = new ArrayList<>();
    json.enter();
    int before = json.position();
    while (json.nextMember()) {
      int start = before;
      while (text[start] != '"') { // white space and a comma
        start++;
      }
      int valueStart = json.position();
      String name = json.key().content();
      json.skip();
      before = json.position();
      members.add(new Member(name, start, valueStart, before));
    }
    return members;
  }

  private static String named(JsonKind kind) {
    return switch (kind) {
      case ARRAY -> "array";
      case STRING -> "string";
      case NUMBER -> "number";
      case TRUE, FALSE -> "bool";
      default -> "null";
    };
  }

  /** The last member of this name; null when there is none. */
  private @Nullable Member find(String name) {
    for (int i = members.size() - 1; i >= 0; i--) {
      if (members.get(i).name.equals(name)) {
        return members.get(i);
      }
    }
    return null;
  }

  public boolean has(String name) {
    return find(name) != null;
  }

  /** The names, in order. */
  public List<String> names() {
    return members.stream().map(Member::name).distinct().toList();
  }

  /** The kind of a member's value; none when there is no such member. */
  public JsonKind kind(String name) {
    Member member = find(name);
    return member == null
        ? JsonKind.NONE
        : new JsonScanner(text, member.valueStart, member.end).kind();
  }

  /** A member's value as it is written; null when there is no such member. */
  public byte @Nullable [] raw(String name) {
    Member member = find(name);
    return member == null ? null : Arrays.copyOfRange(text, member.valueStart, member.end);
  }

  /** A member that is an object; null when there is none. */
  public @Nullable JsonObject object(String name) {
    Member member = find(name);
    return member == null ? null : objectAt(member.valueStart, member.end);
  }

  private @Nullable JsonObject objectAt(int from, int to) {
    JsonScanner json = new JsonScanner(text, from, to);
    return json.kind() == JsonKind.OBJECT
        ? new JsonObject(text, members(text, json)) // valid, since all of the text is
        : null;
  }

  /** The objects in a member that is an array; of another member, none. */
  public List<JsonObject> objects(String name) {
    List<JsonObject> objects = new ArrayList<>();
    eachElement(
        name,
        place -> {
          JsonObject object = objectAt(place[0], place[1]);
          if (object != null) {
            objects.add(object);
          }
        });
    return objects;
  }

  /** How many elements an array has; 0 of another member. */
  public int size(String name) {
    List<Object> seen = new ArrayList<>();
    eachElement(name, seen::add);
    return seen.size();
  }

  private void eachElement(String name, Consumer<int[]> consumer) {
    Member member = find(name);
    if (member == null) {
      return;
    }
    JsonScanner json = new JsonScanner(text, member.valueStart, member.end);
    if (json.kind() != JsonKind.ARRAY) {
      return;
    }
    json.enter();
    while (json.nextElement()) {
      int start = json.position();
      json.skip();
      consumer.accept(new int[] {start, json.position()});
    }
  }

  /** A string; null when the member is none. */
  public @Nullable String text(String name) {
    Member member = find(name);
    if (member == null) {
      return null;
    }
    JsonScanner json = new JsonScanner(text, member.valueStart, member.end);
    return json.kind() == JsonKind.STRING ? json.text().content() : null;
  }

  /** A number without its fraction; this when the member is none. */
  public long number(String name, long otherwise) {
    Member member = find(name);
    if (member == null) {
      return otherwise;
    }
    JsonScanner json = new JsonScanner(text, member.valueStart, member.end);
    return json.kind() == JsonKind.NUMBER ? (long) json.number() : otherwise;
  }

  /** Whether a member is {@code true}. */
  public boolean isTrue(String name) {
    return kind(name) == JsonKind.TRUE;
  }

  /** Begins a changed copy. */
  public JsonEdit edit() {
    return new JsonEdit(this);
  }

  /** All of it, as it was written. */
  public byte[] toBytes() {
    return without(Set.of(), List.of());
  }

  /** Without members of these names, and with others behind, which are name and value. */
  byte[] without(Set<String> names, List<byte[][]> added) {
    ByteBuffer out = ByteBuffer.allocate(length(names, added));
    byte separator = '{';
    for (Member member : members) {
      if (!names.contains(member.name)) {
        out.put(separator).put(text, member.start, member.end - member.start);
        separator = ',';
      }
    }
    for (byte[][] member : added) {
      out.put(separator).put(member[0]).put((byte) ':').put(member[1]);
      separator = ',';
    }
    if (separator == '{') {
      out.put(separator);
    }
    out.put((byte) '}');
    return out.array();
  }

  /** Of the text; exact, since a body may be so long that there is no memory for a second one. */
  private int length(Set<String> names, List<byte[][]> added) {
    long length = 1;
    for (Member member : members) {
      if (!names.contains(member.name)) {
        length += 1 + member.end - member.start;
      }
    }
    for (byte[][] member : added) {
      length += 2L + member[0].length + member[1].length;
    }
    return Math.toIntExact(Math.max(2, length));
  }

  private int written() {
    return members.isEmpty() ? 0 : members.getLast().end - members.getFirst().start;
  }

  /** Its length and nothing of its content, which may be a prompt. */
  @Override
  public String toString() {
    return "JsonObject[" + members.size() + " members, " + written() + " bytes]";
  }

  static byte[] utf8(String text) {
    return text.getBytes(UTF_8);
  }
}
