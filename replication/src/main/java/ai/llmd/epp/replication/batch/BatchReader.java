package ai.llmd.epp.replication.batch;

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
    try {
      new BatchReader(bytes).passTo(visitor);
    } catch (BufferUnderflowException e) {
      throw new MalformedBatchException("the batch ends within an entry");
    }
  }

  private void passTo(BatchVisitor visitor) throws MalformedBatchException {
    byte version = in.get();
    if (version != BatchKind.VERSION) {
      throw new MalformedBatchException("unknown batch version " + version);
    }
    int flags = in.get();
    visitor.begin(BatchHead.of(in.getLong(), in.getLong(), in.getLong(), flags));
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
        var endpoint = new EndpointLife(new EndpointId(text(), text()), in.getLong());
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
      case BatchKind.PROGRESS -> visitor.progress(in.getLong(), in.getLong());
      default -> throw new MalformedBatchException("unknown entry kind " + kind);
    }
  }

  private void session(
      BatchVisitor visitor, String plugin, EndpointLife endpoint, SessionKey session) {
    visitor.session(plugin, session, endpoint.id(), new BindingStamp(in.getLong(), in.getLong()));
  }

  private String text() {
    byte[] utf8 = new byte[Short.toUnsignedInt(in.getShort())];
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
      throw new MalformedBatchException("work in flight is " + amount);
    }
    return amount;
  }
}
