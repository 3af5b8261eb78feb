package ai.llmd.epp.replication.batch;

import ai.llmd.epp.domain.flow.QueueKey;
import ai.llmd.epp.domain.flow.QueueLoad;
import ai.llmd.epp.domain.health.Claim;
import ai.llmd.epp.domain.latency.StampedObservation;
import ai.llmd.epp.domain.state.BindingStamp;
import ai.llmd.epp.domain.state.SessionKey;
import ai.llmd.epp.replication.state.EndpointLife;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Encodes entries into the bytes of a batch, see {@link BatchKind}. An entry with a name too long
 * to be read is left out: the replica keeps that to itself. One thread.
 */
public final class BatchWriter {

  /** Names and endpoints in one batch's dictionary; more than any pool has. */
  private static final int MAX_MENTIONS = 0xFFFF;

  private static final int MAX_BYTES_PER_CHARACTER = 3;

  private final Map<String, Integer> names = new HashMap<>();
  private final Map<EndpointLife, Integer> endpoints = new HashMap<>();
  private byte[] bytes = new byte[1024];
  private ByteBuffer out = ByteBuffer.wrap(bytes).position(BatchKind.HEAD_BYTES);

  public boolean isEmpty() {
    return out.position() == BatchKind.HEAD_BYTES;
  }

  /** Bytes so far. */
  public int size() {
    return out.position();
  }

  /** Whether another entry may mention a name or an endpoint that is not in the dictionary yet. */
  public boolean hasRoomInDictionary() {
    return endpoints.size() < MAX_MENTIONS && names.size() < MAX_MENTIONS;
  }

  /** The encoded batch; this writer is empty afterwards. */
  public byte[] seal(BatchHead head) {
    ByteBuffer.wrap(bytes)
        .put(BatchKind.VERSION)
        .put((byte) head.flags())
        .putLong(head.writer())
        .putLong(head.sequence())
        .putLong(head.openedAtMicros());
    byte[] sealed = Arrays.copyOf(bytes, out.position());
    out.position(BatchKind.HEAD_BYTES);
    names.clear();
    endpoints.clear();
    return sealed;
  }

  /** Mentions an endpoint, and thereby that its lives before this one are over. */
  public void endpoint(EndpointLife endpoint) {
    if (isShort(endpoint)) {
      mention(endpoint);
    }
  }

  /** The hashes from one index to another. */
  public void blocks(
      String producer, EndpointLife endpoint, int capacity, long[] hashes, int from, int to) {
    if (!isShort(producer) || !isShort(endpoint)) {
      return;
    }
    int name = mention(producer);
    int place = mention(endpoint);
    ensure(1 + 2 * Short.BYTES + 2 * Integer.BYTES + (to - from) * Long.BYTES);
    entry(BatchKind.BLOCKS, name, place).putInt(capacity).putInt(to - from);
    for (int i = from; i < to; i++) {
      out.putLong(hashes[i]);
    }
  }

  public void load(String ledger, EndpointLife endpoint, long requests, long tokens) {
    if (!isShort(ledger) || !isShort(endpoint)) {
      return;
    }
    int name = mention(ledger);
    int place = mention(endpoint);
    ensure(1 + 2 * Short.BYTES + 2 * Long.BYTES);
    entry(BatchKind.LOAD, name, place).putLong(requests).putLong(tokens);
  }

  public void session(
      String plugin, SessionKey session, EndpointLife endpoint, BindingStamp stamp) {
    if (!isShort(plugin) || !isShort(endpoint)) {
      return;
    }
    int name = mention(plugin);
    int place = mention(endpoint);
    ensure(1 + 2 * Short.BYTES + 4 * Long.BYTES);
    entry(BatchKind.SESSION, name, place)
        .putLong(session.high())
        .putLong(session.low())
        .putLong(stamp.epochMillis())
        .putLong(stamp.writer());
  }

  /** What this replica holds against an endpoint now. */
  public void claim(EndpointLife endpoint, Claim claim) {
    if (!isShort(endpoint)) {
      return;
    }
    int place = mention(endpoint);
    ensure(1 + Integer.BYTES + BatchKind.CLAIM_BYTES);
    out.put(BatchKind.CLAIM)
        .putInt(BatchKind.CLAIM_BYTES)
        .putShort((short) place)
        .put(
            switch (claim.finding()) {
              case NONE -> BatchKind.CLAIM_NONE;
              case FAILING -> BatchKind.CLAIM_FAILING;
              case UNREACHABLE -> BatchKind.CLAIM_UNREACHABLE;
            })
        .putLong(claim.episode());
  }

  /** What this replica has queued in a priority band, or of a flow, now. */
  public void queue(QueueKey key, QueueLoad load) {
    if (key.isBand()) {
      band(key.priority(), load);
    } else if (isShort(key.flow())) {
      flow(key, load);
    }
  }

  private void band(int priority, QueueLoad load) {
    int length = BatchKind.QUEUE_BYTES + Double.BYTES;
    ensure(1 + Integer.BYTES + length);
    out.put(BatchKind.QUEUE)
        .putInt(length)
        .putInt(priority)
        .putLong(load.requests())
        .putLong(load.bytes())
        .putDouble(load.turnsPerSecond());
  }

  private void flow(QueueKey key, QueueLoad load) {
    byte[] id = text(key.flow());
    boolean isServed = load.servedTokens() > 0;
    int length =
        Integer.BYTES
            + Long.BYTES
            + Double.BYTES
            + Short.BYTES
            + id.length
            + (isServed ? Double.BYTES : 0);
    ensure(1 + Integer.BYTES + length);
    out.put(BatchKind.FLOW)
        .putInt(length)
        .putInt(key.priority())
        .putLong(load.requests())
        .putDouble(load.turnsPerSecond())
        .putShort((short) id.length)
        .put(id);
    if (isServed) {
      out.putDouble(Math.min(load.servedTokens(), BatchKind.MAX_SERVED));
    }
  }

  /** The hashes from one index to another of blocks that never came to an endpoint from here. */
  public void takenBack(String producer, EndpointLife endpoint, long[] hashes, int from, int to) {
    if (!isShort(producer) || !isShort(endpoint)) {
      return;
    }
    int name = mention(producer);
    int place = mention(endpoint);
    int length = BatchKind.TAKEN_BACK_BYTES + (to - from) * Long.BYTES;
    ensure(1 + Integer.BYTES + length);
    out.put(BatchKind.TAKEN_BACK)
        .putInt(length)
        .putShort((short) name)
        .putShort((short) place)
        .putInt(to - from);
    for (int i = from; i < to; i++) {
      out.putLong(hashes[i]);
    }
  }

  /** How long a request to an endpoint took. */
  public void observed(String producer, EndpointLife endpoint, StampedObservation stamped) {
    if (!isShort(producer) || !isShort(endpoint) || !ObservationFormat.isReadable(stamped)) {
      return;
    }
    int name = mention(producer);
    int place = mention(endpoint);
    ensure(1 + Integer.BYTES + BatchKind.OBSERVED_BYTES);
    out.put(BatchKind.OBSERVED)
        .putInt(BatchKind.OBSERVED_BYTES)
        .putShort((short) name)
        .putShort((short) place);
    ObservationFormat.write(stamped, out);
  }

  /** A piece of what a plugin knows of an endpoint's cache by its events. */
  public void cache(String plugin, EndpointLife endpoint, byte[] piece) {
    if (!isShort(plugin) || !isShort(endpoint)) {
      return;
    }
    int name = mention(plugin);
    int place = mention(endpoint);
    int length = 2 * Short.BYTES + piece.length;
    ensure(1 + Integer.BYTES + length);
    out.put(BatchKind.CACHE)
        .putInt(length)
        .putShort((short) name)
        .putShort((short) place)
        .put(piece);
  }

  public void retransmissionRequest(long writer, long from, long to) {
    ensure(1 + 3 * Long.BYTES);
    out.put(BatchKind.RETRANSMISSION_REQUEST).putLong(writer).putLong(from).putLong(to);
  }

  public void snapshotRequest() {
    ensure(1);
    out.put(BatchKind.SNAPSHOT_REQUEST);
  }

  public void snapshotAvailable() {
    ensure(1);
    out.put(BatchKind.SNAPSHOT_AVAILABLE);
  }

  public void progress(long writer, long sequence) {
    ensure(1 + 2 * Long.BYTES);
    out.put(BatchKind.PROGRESS).putLong(writer).putLong(sequence);
  }

  private ByteBuffer entry(byte kind, int name, int endpoint) {
    return out.put(kind).putShort((short) name).putShort((short) endpoint);
  }

  private int mention(String name) {
    Integer known = names.get(name);
    if (known != null) {
      return known;
    }
    int number = next(names);
    byte[] text = text(name);
    ensure(1 + Short.BYTES + text.length);
    out.put(BatchKind.NAME).putShort((short) text.length).put(text);
    names.put(name, number);
    return number;
  }

  private int mention(EndpointLife endpoint) {
    Integer known = endpoints.get(endpoint);
    if (known != null) {
      return known;
    }
    int number = next(endpoints);
    byte[] namespace = text(endpoint.id().namespace());
    byte[] name = text(endpoint.id().name());
    ensure(1 + 2 * Short.BYTES + namespace.length + name.length + Long.BYTES);
    out.put(BatchKind.ENDPOINT).putShort((short) namespace.length).put(namespace);
    out.putShort((short) name.length).put(name).putLong(endpoint.generation());
    endpoints.put(endpoint, number);
    return number;
  }

  private static int next(Map<?, ?> mentioned) {
    if (mentioned.size() >= MAX_MENTIONS) {
      throw new IllegalStateException("one batch mentions too many names or endpoints");
    }
    return mentioned.size();
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static boolean isShort(EndpointLife endpoint) {
    return isShort(endpoint.id().namespace()) && isShort(endpoint.id().name());
  }

  private static boolean isShort(String text) {
    return text.length() <= BatchKind.MAX_TEXT_BYTES / MAX_BYTES_PER_CHARACTER
        || text(text).length <= BatchKind.MAX_TEXT_BYTES;
  }

  private void ensure(int more) {
    int needed = Math.addExact(out.position(), more);
    if (needed > bytes.length) {
      int at = out.position();
      bytes = Arrays.copyOf(bytes, Math.max(needed, 2 * bytes.length));
      out = ByteBuffer.wrap(bytes).position(at);
    }
  }
}
