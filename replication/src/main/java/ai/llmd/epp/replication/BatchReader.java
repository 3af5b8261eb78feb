package ai.llmd.epp.replication;

import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.sharing.BindingStamp;
import ai.llmd.epp.domain.sharing.SessionKey;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells a visitor what a batch says, see {@link BatchKind}. The bytes come from a store that others
 * can write to, so nothing about them is believed; entries before the first wrong one are told.
 */
final class BatchReader {

  private final ByteBuffer in;
  private final List<String> names = new ArrayList<>();
  private final List<EndpointLife> endpoints = new ArrayList<>();

  private BatchReader(byte[] bytes) {
    this.in = ByteBuffer.wrap(bytes);
  }

  static void read(byte[] bytes, BatchVisitor visitor) throws MalformedBatchException {
    try {
      new BatchReader(bytes).tell(visitor);
    } catch (BufferUnderflowException e) {
      throw new MalformedBatchException("the batch ends within an entry");
    }
  }

  private void tell(BatchVisitor visitor) throws MalformedBatchException {
    byte version = in.get();
    if (version != BatchKind.VERSION) {
      throw new MalformedBatchException("the batch is of version " + version);
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
      case BatchKind.RESEND -> visitor.resend(in.getLong(), in.getLong(), in.getLong());
      case BatchKind.WANTED -> visitor.snapshotWanted();
      case BatchKind.READY -> visitor.snapshotReady();
      case BatchKind.PROGRESS -> visitor.progress(in.getLong(), in.getLong());
      default -> throw new MalformedBatchException("entries of kind " + kind + " are not known");
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
    return mentioned(names);
  }

  private EndpointLife endpoint() throws MalformedBatchException {
    return mentioned(endpoints);
  }

  private <T> T mentioned(List<T> known) throws MalformedBatchException {
    int number = Short.toUnsignedInt(in.getShort());
    if (number >= known.size()) {
      throw new MalformedBatchException("an entry speaks of something that was not introduced");
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
