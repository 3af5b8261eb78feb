package ai.llmd.epp.replication.batch;

import ai.llmd.epp.domain.flow.QueueKey;
import ai.llmd.epp.domain.flow.QueueLoad;
import ai.llmd.epp.domain.health.Claim;
import ai.llmd.epp.domain.health.Claim.Finding;
import ai.llmd.epp.domain.latency.StampedObservation;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.state.BindingStamp;
import ai.llmd.epp.domain.state.SessionKey;
import ai.llmd.epp.replication.state.EndpointLife;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Passes the contents of a batch to a visitor, see {@link BatchKind}. The bytes come from a store
 * that others can write to, so nothing about them is trusted; entries before the first malformed
 * one have been passed on by then.
 */
public final class BatchReader {

  /** Of a batch or a chunk: several times what any replica writes. */
  private static final int MAX_BYTES = 1 << 20;

  private final ByteBuffer in;
  private final List<String> names = new ArrayList<>();
  private final List<EndpointLife> endpoints = new ArrayList<>();

  private BatchReader(byte[] bytes) {
    this.in = ByteBuffer.wrap(bytes);
  }

  /**
   * Passes every entry of a batch to a visitor.
   *
   * @throws MalformedBatchException perhaps after some entries were passed on
   */
  public static void read(byte[] bytes, BatchVisitor visitor) throws MalformedBatchException {
    if (bytes.length > MAX_BYTES) {
      throw new MalformedBatchException("a batch of " + bytes.length + " bytes");
    }
    try {
      new BatchReader(bytes).passTo(visitor);
    } catch (BufferUnderflowException e) {
      throw new MalformedBatchException("the batch ends within an entry");
    }
  }

  /** Whether it claims to be a chunk of a snapshot. */
  public static boolean isChunk(byte[] bytes) {
    return bytes.length >= BatchKind.HEAD_BYTES
        && ByteBuffer.wrap(bytes).getLong(2 + Long.BYTES) == 0;
  }

  private void passTo(BatchVisitor visitor) throws MalformedBatchException {
    byte version = in.get();
    if (version != BatchKind.VERSION) {
      throw new MalformedBatchException("unknown batch version " + version);
    }
    int flags = in.get();
    BatchHead head = BatchHead.of(in.getLong(), in.getLong(), in.getLong(), flags);
    if (head.sequence() < 0) {
      throw new MalformedBatchException("a batch with the number " + head.sequence());
    }
    visitor.begin(head);
    while (in.hasRemaining()) {
      entry(visitor);
    }
    visitor.end();
  }

  private void entry(BatchVisitor visitor) throws MalformedBatchException {
    byte kind = in.get();
    switch (kind) {
      case BatchKind.NAME -> names.add(text());
      case BatchKind.ENDPOINT -> {
        var endpoint = new EndpointLife(new EndpointId(text(), text()), generation());
        endpoints.add(endpoint);
        visitor.endpoint(endpoint);
      }
      case BatchKind.BLOCKS -> visitor.blocks(name(), endpoint(), in.getInt(), hashes());
      case BatchKind.LOAD -> visitor.load(name(), endpoint(), amount(), amount());
      case BatchKind.SESSION ->
          session(visitor, name(), endpoint(), new SessionKey(in.getLong(), in.getLong()));
      case BatchKind.RETRANSMISSION_REQUEST ->
          visitor.retransmissionRequest(in.getLong(), in.getLong(), in.getLong());
      case BatchKind.SNAPSHOT_REQUEST -> visitor.snapshotRequest();
      case BatchKind.SNAPSHOT_AVAILABLE -> visitor.snapshotAvailable();
      case BatchKind.PROGRESS -> visitor.progress(in.getLong(), sequence());
      case BatchKind.CLAIM -> claim(visitor);
      case BatchKind.QUEUE -> queue(visitor);
      case BatchKind.FLOW -> flow(visitor);
      case BatchKind.TAKEN_BACK -> takenBack(visitor);
      case BatchKind.OBSERVED -> observed(visitor);
      case BatchKind.CACHE -> cache(visitor);
      default -> skip(kind);
    }
  }

  /** A finding of a version to come is skipped, and so is what such a version adds behind it. */
  private void claim(BatchVisitor visitor) throws MalformedBatchException {
    int end = end(in.getInt());
    if (end - in.position() < BatchKind.CLAIM_BYTES) {
      throw new MalformedBatchException("a claim of %d bytes".formatted(end - in.position()));
    }
    EndpointLife endpoint = endpoint();
    byte finding = in.get();
    long episode = in.getLong();
    switch (finding) {
      case BatchKind.CLAIM_NONE -> visitor.claim(endpoint, new Claim(Finding.NONE, episode));
      case BatchKind.CLAIM_FAILING -> visitor.claim(endpoint, new Claim(Finding.FAILING, episode));
      case BatchKind.CLAIM_UNREACHABLE ->
          visitor.claim(endpoint, new Claim(Finding.UNREACHABLE, episode));
      default -> {}
    }
    in.position(end);
  }

  private void queue(BatchVisitor visitor) throws MalformedBatchException {
    int end = end(in.getInt());
    if (end - in.position() < BatchKind.QUEUE_BYTES) {
      throw new MalformedBatchException("a queue of %d bytes".formatted(end - in.position()));
    }
    int priority = in.getInt();
    long requests = amount();
    long bytes = amount();
    double rate = end - in.position() < Double.BYTES ? 0 : rate();
    visitor.queue(QueueKey.ofBand(priority), new QueueLoad(requests, bytes, rate));
    in.position(end);
  }

  private void flow(BatchVisitor visitor) throws MalformedBatchException {
    int end = end(in.getInt());
    int priority = in.getInt();
    long requests = amount();
    double rate = rate();
    String id = text();
    if (in.position() > end || id.isEmpty()) {
      throw new MalformedBatchException("a flow without an id");
    }
    double served = end - in.position() < Double.BYTES ? 0 : served();
    visitor.queue(new QueueKey(priority, id), new QueueLoad(requests, 0, rate, served));
    in.position(end);
  }

  private double served() throws MalformedBatchException {
    double tokens = in.getDouble();
    if (!(tokens >= 0 && tokens <= BatchKind.MAX_SERVED)) {
      throw new MalformedBatchException(tokens + " tokens served");
    }
    return tokens;
  }

  private double rate() throws MalformedBatchException {
    double rate = in.getDouble();
    if (!(rate >= 0 && rate <= BatchKind.MAX_RATE)) {
      throw new MalformedBatchException(rate + " turns a second");
    }
    return rate;
  }

  private void takenBack(BatchVisitor visitor) throws MalformedBatchException {
    int end = end(in.getInt());
    if (end - in.position() < BatchKind.TAKEN_BACK_BYTES) {
      throw new MalformedBatchException("taken back in %d bytes".formatted(end - in.position()));
    }
    String producer = name();
    EndpointLife endpoint = endpoint();
    long[] hashes = hashes();
    if (in.position() > end) {
      throw new MalformedBatchException("more blocks are taken back than the entry has");
    }
    visitor.takenBack(producer, endpoint, hashes);
    in.position(end);
  }

  private void observed(BatchVisitor visitor) throws MalformedBatchException {
    int end = end(in.getInt());
    if (end - in.position() < BatchKind.OBSERVED_BYTES) {
      throw new MalformedBatchException(
          "an observation of %d bytes".formatted(end - in.position()));
    }
    String producer = name();
    EndpointLife endpoint = endpoint();
    StampedObservation observation = ObservationFormat.read(in);
    if (observation != null) {
      visitor.observed(producer, endpoint, observation);
    }
    in.position(end);
  }

  private void cache(BatchVisitor visitor) throws MalformedBatchException {
    int end = end(in.getInt());
    String plugin = name();
    EndpointLife endpoint = endpoint();
    if (in.position() > end) {
      throw new MalformedBatchException("a piece of a cache without a name");
    }
    byte[] piece = new byte[end - in.position()];
    in.get(piece);
    visitor.cache(plugin, endpoint, piece);
  }

  /** Kinds of versions to come; those that this one should know have no length. */
  private void skip(byte kind) throws MalformedBatchException {
    if (kind >= 0 && kind < BatchKind.FIRST_WITH_LENGTH) {
      throw new MalformedBatchException("unknown entry kind " + kind);
    }
    in.position(end(in.getInt()));
  }

  /** Where an entry ends of which so many bytes follow. */
  private int end(int length) throws MalformedBatchException {
    if (length < 0 || length > in.remaining()) {
      throw new MalformedBatchException("an entry of " + length + " bytes does not fit the batch");
    }
    return in.position() + length;
  }

  private void session(
      BatchVisitor visitor, String plugin, EndpointLife endpoint, SessionKey session) {
    visitor.session(plugin, session, endpoint.id(), new BindingStamp(in.getLong(), in.getLong()));
  }

  private String text() throws MalformedBatchException {
    int length = Short.toUnsignedInt(in.getShort());
    if (length > BatchKind.MAX_TEXT_BYTES) {
      throw new MalformedBatchException("a name of " + length + " bytes");
    }
    byte[] utf8 = new byte[length];
    in.get(utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }

  private String name() throws MalformedBatchException {
    return lookUp(names);
  }

  private EndpointLife endpoint() throws MalformedBatchException {
    return lookUp(endpoints);
  }

  private <T> T lookUp(List<T> known) throws MalformedBatchException {
    int number = Short.toUnsignedInt(in.getShort());
    if (number >= known.size()) {
      throw new MalformedBatchException(
          "an entry refers to a name or endpoint that is not in the dictionary");
    }
    return known.get(number);
  }

  private long[] hashes() throws MalformedBatchException {
    int count = in.getInt();
    if (count < 0 || count > in.remaining() / Long.BYTES) {
      throw new MalformedBatchException("an entry of " + count + " blocks does not fit the batch");
    }
    long[] hashes = new long[count];
    in.asLongBuffer().get(hashes);
    in.position(in.position() + count * Long.BYTES);
    return hashes;
  }

  private long amount() throws MalformedBatchException {
    long amount = in.getLong();
    if (amount < 0) {
      throw new MalformedBatchException("a count is " + amount);
    }
    return amount;
  }

  private long generation() throws MalformedBatchException {
    long generation = in.getLong();
    if (generation < 0) {
      throw new MalformedBatchException("an endpoint in its life " + generation);
    }
    return generation;
  }

  private long sequence() throws MalformedBatchException {
    long sequence = in.getLong();
    if (sequence < 0) {
      throw new MalformedBatchException("progress up to " + sequence);
    }
    return sequence;
  }
}
