package ai.llmd.epp.json;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Writes {@link CanonicalJson} from a valid span. An object is first passed over to note its
 * members; then they are written in order of their keys. What lies inside is read once to find
 * {@link LongContainers}, and then jumped over, so that the cost does not grow with the depth.
 */
final class CanonicalWriter {

  static final int MAX_SORTED_DEPTH = 32;

  /** Of an object and of those around it: all of them are remembered at once. */
  static final int MAX_SORTED_MEMBERS = 65_536;

  /** Bytes of numbers that are written as doubles: a few microseconds for those of some digits. */
  static final int MAX_NUMBER_BYTES = 65_536;

  private final byte[] body;
  private final JsonScanner json;
  private final Utf8Output output;
  private final LongContainers containers;
  private long bytesRead;
  private int numberBytes;
  private int roomForMembers = MAX_SORTED_MEMBERS;

  CanonicalWriter(byte[] body, int start, int end, Utf8Output output) {
    this.body = body;
    this.json = new JsonScanner(body, start, end);
    this.output = output;
    this.containers = new LongContainers(body, json.position(), end, MAX_SORTED_DEPTH - 1);
    this.bytesRead = (long) end - start;
  }

  void write() {
    if (containers.isComplete()) {
      value(0, containers.at(0, json.position()));
    } else {
      int start = json.position();
      json.skip();
      output.bytes(body, start, json.position());
    }
  }

  /** Bytes read to find out what is where, before they are written. */
  long bytesRead() {
    return bytesRead;
  }

  /**
   * Writes the value at which the scanner stands, and leaves the scanner behind it, or anywhere
   * when no more is wanted.
   *
   * @param container the value's number, when it is a long object or array
   */
  private void value(int depth, int container) {
    int start = json.position();
    JsonKind kind = json.kind();
    if (kind == JsonKind.OBJECT && depth < MAX_SORTED_DEPTH) {
      object(depth, container);
    } else if (kind == JsonKind.ARRAY && depth < MAX_SORTED_DEPTH) {
      array(depth, container);
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
    if (JsonNumber.isShortInteger(body, start, end)
        || end - start > MAX_NUMBER_BYTES - numberBytes) {
      output.bytes(body, start, end);
      return;
    }
    numberBytes += end - start;
    double value = JsonNumber.toDouble(body, start, end);
    if (Double.isFinite(value)) {
      output.ascii(JsonNumber.canonical(value));
    } else {
      output.bytes(body, start, end);
    }
  }

  private void array(int depth, int container) {
    int next = containers.firstIn(container);
    json.enter();
    output.ascii('[');
    boolean isFirst = true;
    while (!output.isFull() && json.nextElement()) {
      if (!isFirst) {
        output.ascii(',');
      }
      isFirst = false;
      int element = containers.at(next, json.position());
      value(depth + 1, element);
      next = element == LongContainers.NONE ? next : containers.behind(element);
    }
    output.ascii(']');
  }

  private void object(int depth, int container) {
    int start = json.position();
    List<Member> members = members(container);
    int end = json.position();
    if (members.size() > roomForMembers) {
      output.bytes(body, start, end);
      return;
    }
    roomForMembers -= members.size();
    members.sort(Member::compareKeys);
    output.ascii('{');
    boolean isFirst = true;
    for (int i = 0; i < members.size() && !output.isFull(); i++) {
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
    roomForMembers += members.size();
    json.moveTo(end);
  }

  private void member(Member member, int depth) {
    CanonicalString.write(body, member.keyStart, member.keyEnd, output);
    output.ascii(':');
    json.moveTo(member.valueStart);
    value(depth + 1, member.container);
  }

  /** Passes over the object; more members than can be sorted are not all remembered. */
  private List<Member> members(int container) {
    List<Member> members = new ArrayList<>();
    int start = json.position();
    int next = containers.firstIn(container);
    json.enter();
    while (json.nextMember()) {
      int value = containers.at(next, json.position());
      if (members.size() <= roomForMembers) {
        members.add(json.member(value));
      }
      if (value == LongContainers.NONE) {
        json.skip();
      } else {
        bytesRead -= containers.end(value) - json.position();
        json.moveTo(containers.end(value));
        next = containers.behind(value);
      }
    }
    bytesRead += json.position() - start;
    return members;
  }

  /**
   * @param sortKey the key decoded, from {@code sortFrom} to {@code sortTo}; the body itself when
   *     the key stands there as it is
   * @param container the value's number, when it is a long object or array
   */
  @SuppressWarnings("ArrayRecordComponent") // a place in an array, never compared as a value
  record Member(
      byte[] sortKey,
      int sortFrom,
      int sortTo,
      int keyStart,
      int keyEnd,
      int valueStart,
      int container) {

    static int compareKeys(Member a, Member b) {
      return Arrays.compareUnsigned(
          a.sortKey, a.sortFrom, a.sortTo, b.sortKey, b.sortFrom, b.sortTo);
    }
  }
}
