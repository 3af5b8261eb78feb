package ai.llmd.epp.adapter.tokenizers;

import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonQuote;
import ai.llmd.epp.json.JsonScanner;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A client's body with some of its members set to other values. Every other byte stays as it is:
 * what a template renders may depend on the order of keys and on the digits of numbers.
 */
final class RenderedCopy {

  private final byte[] body;
  private final List<Member> members = new ArrayList<>();
  private final List<Edit> edits = new ArrayList<>();
  private final List<String> added = new ArrayList<>();
  private final int inside; // after the opening brace; negative when the body is no object

  /** A top-level member: its key, and where its value is. */
  private record Member(String key, int start, int end, JsonKind kind) {}

  private record Edit(int start, int end, String text) {}

  private RenderedCopy(byte[] body) {
    this.body = body;
    JsonScanner json = new JsonScanner(body, 0, body.length);
    if (json.kind() != JsonKind.OBJECT) {
      inside = -1;
      return;
    }
    inside = json.position() + 1;
    json.enter();
    while (json.nextMember()) {
      String key = json.key().content();
      JsonKind kind = json.kind();
      int start = json.position();
      json.skip();
      members.add(new Member(key, start, json.position(), kind));
    }
  }

  static RenderedCopy of(byte[] body) {
    return new RenderedCopy(body);
  }

  /** Sets a member, wherever and however often it is there; otherwise adds it in front. */
  RenderedCopy set(String key, String json) {
    if (!replace(key, json) && inside >= 0) {
      added.add(JsonQuote.quoted(key) + ":" + json);
    }
    return this;
  }

  /** Sets a member where it is there. */
  boolean replace(String key, String json) {
    boolean isThere = false;
    for (Member member : members) {
      if (member.key().equals(key)) {
        edits.add(new Edit(member.start(), member.end(), json));
        isThere = true;
      }
    }
    return isThere;
  }

  /** Whether a member is there and not null. */
  boolean has(String key) {
    return members.stream()
        .anyMatch(member -> member.key().equals(key) && member.kind() != JsonKind.NULL);
  }

  /** The value of a member as an integer, of several the last; otherwise the fallback. */
  double integer(String key, double fallback) {
    double value = fallback;
    for (Member member : members) {
      if (member.key().equals(key) && member.kind() == JsonKind.NUMBER) {
        value = new JsonScanner(body, member.start(), body.length).integer();
      }
    }
    return value;
  }

  byte[] bytes() {
    if (!added.isEmpty()) {
      String separator = members.isEmpty() ? "" : ",";
      edits.add(new Edit(inside, inside, String.join(",", added) + separator));
      added.clear();
    }
    if (edits.isEmpty()) {
      return body;
    }
    edits.sort((one, other) -> Integer.compare(one.start(), other.start()));
    var copy = new ByteArrayOutputStream(body.length + 128);
    int at = 0;
    for (Edit edit : edits) {
      copy.write(body, at, edit.start() - at);
      copy.writeBytes(edit.text().getBytes(StandardCharsets.UTF_8));
      at = edit.end();
    }
    copy.write(body, at, body.length - at);
    return copy.toByteArray();
  }
}
