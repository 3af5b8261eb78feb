package ai.llmd.epp.json;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One run over a valid span, writing {@link CanonicalJson}. An object is first passed over to note
 * its members; then they are written in order of their keys.
 */
final class CanonicalWriter {

  static final int MAX_SORTED_DEPTH = 32;
  static final int MAX_SORTED_MEMBERS = 65_536;

  private final byte[] body;
  private final JsonScanner json;
  private final Utf8Output output;

  CanonicalWriter(byte[] body, int start, int end, Utf8Output output) {
    this.body = body;
    this.json = new JsonScanner(body, start, end);
    this.output = output;
  }

  void write() {
    value(0);
  }

  /** Writes the value at which the scanner stands, and leaves the scanner behind it. */
  private void value(int depth) {
    int start = json.position();
    JsonKind kind = json.kind();
    if (kind == JsonKind.OBJECT && depth < MAX_SORTED_DEPTH) {
      object(depth);
    } else if (kind == JsonKind.ARRAY && depth < MAX_SORTED_DEPTH) {
      array(depth);
    } else {
      json.skip();
      scalarOrVerbatim(kind, start, json.position());
    }
  }

  private void scalarOrVerbatim(JsonKind kind, int start, int end) {
    switch (kind) {
      case STRING -> CanonicalString.write(body, start + 1, end - 1, output);
      case NUMBER -> number(start, end);
      default -> output.bytes(body, start, end);
    }
  }

  private void number(int start, int end) {
    if (JsonNumber.isShortInteger(body, start, end)) {
      output.bytes(body, start, end);
      return;
    }
    double value = JsonNumber.toDouble(body, start, end);
    if (Double.isFinite(value)) {
      output.ascii(JsonNumber.canonical(value));
    } else {
      output.bytes(body, start, end);
    }
  }

  private void array(int depth) {
    json.enter();
    output.ascii('[');
    boolean isFirst = true;
    while (json.nextElement()) {
      if (!isFirst) {
        output.ascii(',');
      }
      isFirst = false;
      value(depth + 1);
    }
    output.ascii(']');
  }

  private void object(int depth) {
    int start = json.position();
    List<Member> members = members();
    int end = json.position();
    if (members.size() > MAX_SORTED_MEMBERS) {
      output.bytes(body, start, end);
      return;
    }
    members.sort(Member::compareKeys);
    output.ascii('{');
    boolean isFirst = true;
    for (int i = 0; i < members.size(); i++) {
      Member member = members.get(i);
      boolean isRepeated =
          i + 1 < members.size() && Member.compareKeys(member, members.get(i + 1)) == 0;
      if (!isRepeated) { // of a repeated key the last one counts: the sort is stable
        if (!isFirst) {
          output.ascii(',');
        }
        isFirst = false;
        member(member, depth);
      }
    }
    output.ascii('}');
    json.moveTo(end);
  }

  private void member(Member member, int depth) {
    CanonicalString.write(body, member.keyStart, member.keyEnd, output);
    output.ascii(':');
    json.moveTo(member.valueStart);
    value(depth + 1);
  }

  /** Passes over the object; more members than can be sorted are not all remembered. */
  private List<Member> members() {
    List<Member> members = new ArrayList<>();
    json.enter();
    while (json.nextMember()) {
      if (members.size() <= MAX_SORTED_MEMBERS) {
        members.add(json.member());
      }
      json.skip();
    }
    return members;
  }

  /**
   * @param sortKey the key decoded, from {@code sortFrom} to {@code sortTo}; the body itself when
   *     the key stands there as it is
   */
  @SuppressWarnings("ArrayRecordComponent") // a place in an array, never compared as a value
  record Member(
      byte[] sortKey, int sortFrom, int sortTo, int keyStart, int keyEnd, int valueStart) {

    static int compareKeys(Member a, Member b) {
      return Arrays.compareUnsigned(
          a.sortKey, a.sortFrom, a.sortTo, b.sortKey, b.sortFrom, b.sortTo);
    }
  }
}
