package ai.llmd.epp.application.precise;

import ai.llmd.epp.application.port.out.kvcache.KvCursor;
import ai.llmd.epp.domain.kvcache.KvBlockIndex;
import ai.llmd.epp.domain.kvcache.KvEventApplier;
import ai.llmd.epp.domain.kvcache.KvLocations;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/*
 * All numbers are big-endian.
 *
 *   image     version:1 hashing:8 text(endpoint) number:8 fingerprint:8 isComplete:1 blockTokens:4
 *             locations:1 location*  groups:2 group*  keys:4 key*
 *   location  text(tier) group:4            from number 1 on
 *   group     group:4 text(kind)
 *   key       location:1 times:1 count:2 engineKey:8 requestKey:8*    times: with 128 for one that is only located
 *   text      length:1 utf-8
 */
/**
 * What one endpoint's cache holds as of a place in its stream, as bytes. Those that are read may be
 * anything: they are looked at as a whole before anything of them counts.
 */
final class CacheImage {

  /** Longest image: beyond it an endpoint is left out. */
  static final int MAX_BYTES = 16 << 20;

  private static final byte VERSION = 1;
  private static final int MAX_TEXT_BYTES = 255;
  private static final int LOCATED = 0x80;
  private static final int MAX_TIMES = LOCATED - 1;
  private static final int MAX_KEYS_OF_ONE = 0xffff;
  private static final int KEY_BYTES = 4 + Long.BYTES;

  private final ByteBuffer bytes;
  private final long hashing;
  private final String endpoint;
  private final KvCursor cursor;
  private final int blockTokens;
  private final String[] tiers;
  private final int[] groups;
  private final Map<Integer, String> kinds = new HashMap<>();
  private final int keys;
  private final int start; // of the keys
  private final long blocks;

  /** A malformed image. */
  private static final class MalformedImageException extends Exception {

    private static final long serialVersionUID = 1L;
  }

  private CacheImage(byte[] image) throws MalformedImageException {
    this.bytes = ByteBuffer.wrap(image);
    require(image.length <= MAX_BYTES && bytes.get() == VERSION);
    this.hashing = bytes.getLong();
    this.endpoint = text();
    this.cursor = new KvCursor(bytes.getLong(), bytes.getLong(), bytes.get() != 0);
    this.blockTokens = bytes.getInt();
    require(cursor.number() >= 0 && blockTokens >= 0);
    int locations = bytes.get() & 0xff;
    this.tiers = new String[locations];
    this.groups = new int[locations];
    for (int i = 0; i < locations; i++) {
      tiers[i] = text();
      groups[i] = bytes.getInt();
      require(groups[i] >= KvLocations.NO_GROUP);
    }
    int known = bytes.getShort() & 0xffff;
    for (int i = 0; i < known; i++) {
      int group = bytes.getInt();
      require(group >= 0);
      kinds.put(group, text());
    }
    this.keys = bytes.getInt();
    this.start = bytes.position();
    long all = 0;
    require(keys >= 0 && keys <= bytes.remaining() / KEY_BYTES);
    for (int i = 0; i < keys; i++) {
      int location = bytes.get() & 0xff;
      int times = bytes.get() & MAX_TIMES;
      int count = bytes.getShort() & 0xffff;
      require(location >= 1 && location <= locations && times > 0 && count > 0);
      require((count + 1L) * Long.BYTES <= bytes.remaining());
      bytes.position(bytes.position() + (count + 1) * Long.BYTES);
      all += count;
    }
    require(!bytes.hasRemaining());
    this.blocks = all;
  }

  private static void require(boolean isSound) throws MalformedImageException {
    if (!isSound) {
      throw new MalformedImageException();
    }
  }

  private String text() {
    byte[] text = new byte[bytes.get() & 0xff];
    bytes.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  /** Reads an image; null when it is none. */
  static @Nullable CacheImage read(byte[] image) {
    try {
      return new CacheImage(image);
    } catch (MalformedImageException | BufferUnderflowException e) {
      return null;
    }
  }

  /**
   * Writes the image of an endpoint; null when it is too long. The index's writer only.
   *
   * @param hashing tells apart replicas that cut or hash prompts differently
   * @param endpoint address and port
   */
  static byte @Nullable [] write(
      long hashing,
      String endpoint,
      KvCursor cursor,
      int slot,
      KvBlockIndex index,
      KvEventApplier applier,
      KvLocations locations) {
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    try {
      out.write(VERSION);
      out.writeLong(hashing);
      boolean isWritten = writeText(out, endpoint);
      out.writeLong(cursor.number());
      out.writeLong(cursor.fingerprint());
      out.writeBoolean(cursor.isComplete());
      out.writeInt(applier.blockTokens(slot));
      int count = locations.count();
      out.write(count - 1);
      for (int i = 1; i < count; i++) {
        isWritten &= writeText(out, locations.tiers().get(locations.tierOf(i)));
        out.writeInt(locations.groupOf(i));
      }
      Map<Integer, String> kinds = applier.kinds(slot);
      isWritten &= kinds.size() <= MAX_KEYS_OF_ONE;
      out.writeShort(kinds.size());
      for (Map.Entry<Integer, String> kind : kinds.entrySet()) {
        out.writeInt(kind.getKey());
        isWritten &= writeText(out, kind.getValue());
      }
      byte[] keys = keys(slot, count, index);
      if (!isWritten || keys == null || bytes.size() + keys.length > MAX_BYTES) {
        return null;
      }
      out.write(keys);
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // there is no such thing in memory
    }
  }

  private static boolean writeText(DataOutputStream out, String text) throws IOException {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(utf8.length, MAX_TEXT_BYTES);
    out.write(length);
    out.write(utf8, 0, length);
    return length == utf8.length;
  }

  /** The number of keys, and the keys; null when they are too many. */
  private static byte @Nullable [] keys(int slot, int locations, KvBlockIndex index) {
    var room = new Room();
    index.forEachAnnounced(slot, locations, room::isPut);
    return room.bytes();
  }

  /** Bytes of keys, as they come. */
  private static final class Room {

    private ByteBuffer out = ByteBuffer.allocate(1 << 12).putInt(0);
    private int count;
    private boolean isTooSmall;

    boolean isPut(int location, long engineKey, int times, boolean isWhole, long[] requestKeys) {
      if (location == KvLocations.SPECULATIVE || requestKeys.length > MAX_KEYS_OF_ONE) {
        return true;
      }
      int needed = KEY_BYTES + requestKeys.length * Long.BYTES;
      if (needed > out.remaining()) {
        if (out.position() + needed > MAX_BYTES) {
          isTooSmall = true;
          return false;
        }
        int larger = Math.max(2 * out.capacity(), out.position() + needed);
        out = ByteBuffer.allocate(larger).put(out.flip());
      }
      int often = Math.min(times, MAX_TIMES) | (isWhole ? 0 : LOCATED);
      out.put((byte) location).put((byte) often);
      out.putShort((short) requestKeys.length).putLong(engineKey);
      for (long key : requestKeys) {
        out.putLong(key);
      }
      count++;
      return true;
    }

    byte @Nullable [] bytes() {
      if (isTooSmall) {
        return null;
      }
      byte[] all = new byte[out.position()];
      out.putInt(0, count).flip().get(all);
      return all;
    }
  }

  /** Whether it was cut and hashed in this way, of this endpoint. */
  boolean isOf(long wantedHashing, String wantedEndpoint) {
    return hashing == wantedHashing && endpoint.equals(wantedEndpoint);
  }

  KvCursor cursor() {
    return cursor;
  }

  /** Blocks in it, each as often as a key means it. */
  long blocks() {
    return blocks;
  }

  /**
   * Stores what is not known yet: first what endpoints stored, then what they located elsewhere,
   * which has to be known for that. The index's writer only.
   *
   * @return false when the index is full
   */
  boolean store(int slot, KvBlockIndex index, KvEventApplier applier, KvLocations locations) {
    applier.takeOver(slot, blockTokens, kinds);
    int[] here = new int[tiers.length];
    for (int i = 0; i < here.length; i++) {
      int tier = locations.tier(tiers[i]);
      here[i] = tier == KvLocations.NONE ? tier : locations.location(tier, groups[i]);
    }
    return store(slot, index, here, false) && store(slot, index, here, true);
  }

  private boolean store(int slot, KvBlockIndex index, int[] here, boolean isOfLocated) {
    bytes.position(start);
    long[] engineKey = new long[1];
    for (int i = 0; i < keys; i++) {
      int location = here[(bytes.get() & 0xff) - 1];
      int often = bytes.get() & 0xff;
      long[] requestKeys = new long[bytes.getShort() & 0xffff];
      engineKey[0] = bytes.getLong();
      bytes.asLongBuffer().get(requestKeys);
      bytes.position(bytes.position() + requestKeys.length * Long.BYTES);
      boolean isLocated = (often & LOCATED) != 0;
      if (isLocated == isOfLocated
          && location > KvLocations.SPECULATIVE
          && !index.isAnnounced(slot, location, engineKey[0])
          && !store(slot, index, location, engineKey, often, requestKeys)) {
        return false;
      }
    }
    return true;
  }

  private static boolean store(
      int slot, KvBlockIndex index, int location, long[] engineKey, int often, long[] keys) {
    for (int i = 0; i < (often & MAX_TIMES); i++) {
      if ((often & LOCATED) != 0) {
        index.locate(slot, location, engineKey, 1);
      } else if (!index.store(slot, location, engineKey, 1, keys, keys.length)) {
        return false;
      }
    }
    return true;
  }
}
