package ai.llmd.epp.adapter.kvevents;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.IntUnaryOperator;

/** Builds a batch of events as any program may: whatever it says, it is msgpack. */
public final class EventBatch {

  private final ByteArrayOutputStream events = new ByteArrayOutputStream();
  private int count;

  /** Blocks, without a parent. */
  public EventBatch stored(int hashes, IntUnaryOperator hash, int tokens, int token) {
    stored(5, hashes, hash, tokens, token);
    return this;
  }

  /** Blocks of an adapter. */
  public EventBatch storedOf(String adapter, int hash) {
    stored(8, 1, i -> hash, 16, hash);
    nil(1);
    nil(1);
    text(adapter);
    return this;
  }

  /** A block in a tier, of a group of layers. */
  public EventBatch storedIn(String tier, int group, int hash) {
    return storedIn(tier, group, "full_attention", hash);
  }

  /** A block in a tier, of a group of layers of a kind. */
  public EventBatch storedIn(String tier, int group, String kind, int hash) {
    stored(11, 1, i -> hash, 16, hash);
    nil(1);
    text(tier);
    nil(2);
    number(group);
    text(kind);
    return this;
  }

  /** Blocks with texts on the first of them, some of them of a length, and on others of another. */
  public EventBatch storedWith(int tokens, int lists, int firstBytes, int otherBytes) {
    stored(9, 1, i -> 1, tokens, 1);
    nil(3);
    array(lists);
    for (int i = 0; i < lists; i++) {
      array(1);
      text("x".repeat(i == 0 ? firstBytes : otherBytes));
    }
    return this;
  }

  private void stored(int fields, int hashes, IntUnaryOperator hash, int tokens, int token) {
    count++;
    array(fields);
    text("BlockStored");
    array(hashes);
    for (int i = 0; i < hashes; i++) {
      number(hash.applyAsInt(i));
    }
    nil(1);
    array(tokens);
    for (int i = 0; i < tokens; i++) {
      number(token);
    }
    number(16);
  }

  /** A block is gone from a tier, of a group of layers. */
  public EventBatch removedIn(String tier, int group, int hash) {
    count++;
    array(4);
    text("BlockRemoved");
    array(1);
    number(hash);
    text(tier);
    number(group);
    return this;
  }

  /** A block that is gone, so many times. */
  public EventBatch removed(int hash, int times) {
    count++;
    array(2);
    text("BlockRemoved");
    array(times);
    for (int i = 0; i < times; i++) {
      number(hash);
    }
    return this;
  }

  /** All blocks are gone. */
  public EventBatch cleared() {
    count++;
    array(1);
    text("AllBlocksCleared");
    return this;
  }

  /** The payload. */
  public byte[] bytes() {
    var batch = new ByteArrayOutputStream();
    batch.write(0x92);
    batch.write(0); // the time
    batch.write(0xdd);
    batch.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(count).array());
    batch.writeBytes(events.toByteArray());
    return batch.toByteArray();
  }

  private void array(int length) {
    events.write(0xdd);
    events.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(length).array());
  }

  private void number(int value) {
    if (value >= 0 && value < 0x80) {
      events.write(value);
      return;
    }
    events.write(0xce);
    events.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(value).array());
  }

  private void text(String value) {
    byte[] ascii = value.getBytes(StandardCharsets.US_ASCII);
    events.write(0xdb);
    events.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(ascii.length).array());
    events.writeBytes(ascii);
  }

  private void nil(int times) {
    for (int i = 0; i < times; i++) {
      events.write(0xc0);
    }
  }
}
