package ai.llmd.epp.adapter.kvevents;

import ai.llmd.epp.domain.kvcache.KvEvent;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Reads batches of events: {@code [time, events, rank]} in msgpack, where an event is an array of
 * fields in their order, or a map of them.
 *
 * <p>Fields and kinds of events that are not known are passed over, and so is an event with a field
 * of a wrong type; the others of its batch count. What the arrays of a message claim to contain is
 * checked against its length first, so that nothing grows beyond the message. One thread at a time.
 */
public final class KvEventDecoder {

  /**
   * What became of a batch.
   *
   * @param refusedRemovals of those that were refused the ones that tell of blocks that are gone
   */
  public record Result(double time, int events, int unknown, int refused, int refusedRemovals) {}

  private static final byte[] TYPE = ascii("type");
  private static final byte[] STORED = ascii("BlockStored");
  private static final byte[] REMOVED = ascii("BlockRemoved");
  private static final byte[] CLEARED = ascii("AllBlocksCleared");

  private static final byte[] EVENTS = ascii("Events");
  private static final byte[] TIME = ascii("TS");

  private static final int ACCEPTED = 0;
  private static final int UNKNOWN = 1;
  private static final int REFUSED = 2;

  private static final Result NOTHING = new Result(0, 0, 0, 0, 0);

  private final MsgpackReader reader = new MsgpackReader();
  private final EventFields fields;
  private final KvEvent event = new KvEvent();
  private int events;
  private int unknown;
  private int refused;
  private int refusedRemovals;
  private boolean isAtEvents;

  public KvEventDecoder(EngineType engine) {
    this.fields = new EventFields(engine, reader, event);
  }

  /**
   * Reads a batch.
   *
   * @param sink receives each event; it is the same object each time
   * @throws MalformedPayloadException if it is none; the sink then received nothing
   */
  public Result decode(byte[] payload, Consumer<KvEvent> sink) throws MalformedPayloadException {
    reader.reset(payload, 0);
    if (!reader.isWhole(payload.length)) {
      throw new MalformedPayloadException("not msgpack, or not all of it");
    }
    events = 0;
    unknown = 0;
    refused = 0;
    refusedRemovals = 0;
    if (reader.readNil()) {
      return NOTHING;
    }
    double time = reader.isMap() ? seekInMap() : seekInArray();
    if (isAtEvents) {
      takeAll(sink);
    }
    return new Result(time, events, unknown, refused, refusedRemovals);
  }

  /** Goes to the events of a batch that is a map, whose names are those of the reference. */
  private double seekInMap() {
    reader.readMap();
    int pairs = reader.length();
    double time = 0;
    int found = -1;
    for (int i = 0; i < pairs; i++) {
      boolean isText = reader.readText();
      if (!isText) {
        reader.skip();
      }
      if (isText && is(EVENTS)) {
        found = reader.position();
      } else if (isText && is(TIME)) {
        int value = reader.position();
        time = reader.readDouble();
        reader.position(value);
      }
      reader.skip();
    }
    isAtEvents = found >= 0;
    if (isAtEvents) {
      reader.position(found);
    }
    return time;
  }

  private double seekInArray() throws MalformedPayloadException {
    if (!reader.readArray()) {
      throw new MalformedPayloadException("a batch is an array");
    }
    isAtEvents = reader.length() > 1;
    if (reader.length() == 0) {
      return 0;
    }
    double time = reader.readDouble();
    if (Double.isNaN(time) || !isAtEvents) {
      throw new MalformedPayloadException("a batch begins with its time, and has events");
    }
    return time;
  }

  private void takeAll(Consumer<KvEvent> sink) throws MalformedPayloadException {
    if (reader.readNil()) {
      return;
    }
    if (!reader.readArray()) {
      throw new MalformedPayloadException("events are an array");
    }
    for (int left = reader.length(); left > 0; left--) {
      int start = reader.position();
      int type = seekFields();
      if (type == ACCEPTED) {
        events++;
        sink.accept(event);
      } else if (type == UNKNOWN) {
        unknown++;
      } else {
        refused++;
        refusedRemovals += event.kind() == KvEvent.Kind.REMOVED ? 1 : 0;
      }
      reader.position(start);
      reader.skip();
    }
  }

  private int seekFields() {
    event.reset();
    if (reader.readArray()) {
      int count = reader.length();
      if (count == 0 || !reader.readText()) {
        return REFUSED;
      }
      return readKind() ? outcome(fields.readArray(count - 1)) : UNKNOWN;
    }
    if (!reader.readMap()) {
      return REFUSED;
    }
    int pairs = reader.length();
    int start = reader.position();
    if (!seekType(pairs) || !reader.readText()) {
      return REFUSED;
    }
    if (!readKind()) {
      return UNKNOWN;
    }
    reader.position(start);
    return outcome(fields.readMap(pairs));
  }

  private static int outcome(boolean isRead) {
    return isRead ? ACCEPTED : REFUSED;
  }

  private boolean seekType(int pairs) {
    for (int i = 0; i < pairs; i++) {
      if (!reader.readText()) {
        reader.skip();
      } else if (is(TYPE)) {
        return true;
      }
      reader.skip();
    }
    return false;
  }

  private boolean readKind() {
    if (is(STORED)) {
      event.kind(KvEvent.Kind.STORED);
    } else if (is(REMOVED)) {
      event.kind(KvEvent.Kind.REMOVED);
    } else if (is(CLEARED)) {
      event.kind(KvEvent.Kind.CLEARED);
    } else {
      return false;
    }
    return true;
  }

  /** Whether the text that was read last is this one. */
  private boolean is(byte[] name) {
    return EventFields.is(reader, name);
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
