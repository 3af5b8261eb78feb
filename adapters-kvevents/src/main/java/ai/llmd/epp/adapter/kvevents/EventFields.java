package ai.llmd.epp.adapter.kvevents;

import ai.llmd.epp.domain.kvcache.BlockExtras;
import ai.llmd.epp.domain.kvcache.KvEvent;
import java.util.Arrays;

/**
 * The fields of one event, in whichever of the two forms. One thread at a time.
 *
 * <p>An event with more in it than engines write for the longest prompts is refused, as one with a
 * field of a wrong type: what it makes the picker keep and do has a bound however long its message.
 */
final class EventFields {

  /** Of one event: those of two million tokens in blocks of 16. */
  static final int MAX_HASHES = 1 << 17;

  static final int MAX_TOKENS = 1 << 21;

  /** Of an adapter's name, or of a salt. */
  static final int MAX_NAME_BYTES = 4096;

  /** Of the name of a tier, or of a kind of cache, which are remembered for each group. */
  static final int MAX_KIND_BYTES = 64;

  private static final int HASHES = 0;
  private static final int PARENT = 1;
  private static final int TOKENS = 2;
  private static final int BLOCK_SIZE = 3;
  private static final int LORA_ID = 4;
  private static final int MEDIUM = 5;
  private static final int LORA_NAME = 6;
  private static final int EXTRA_KEYS = 7;
  private static final int GROUP = 8;
  private static final int CACHE_KIND = 9;
  private static final int WINDOW = 10;
  private static final int CACHE_SALT = 11;
  private static final int OTHER = -1;

  /** Names in maps, in the order of the numbers above, which is that of arrays but for the salt. */
  private static final byte[][] NAMES =
      Arrays.stream(
              new String[] {
                "block_hashes",
                "parent_block_hash",
                "token_ids",
                "block_size",
                "lora_id",
                "medium",
                "lora_name",
                "extra_keys",
                "group_idx",
                "kv_cache_spec_kind",
                "kv_cache_spec_sliding_window",
                "cache_salt"
              })
          .map(KvEventDecoder::ascii)
          .toArray(byte[][]::new);

  private static final int[] IN_STORED = {
    HASHES,
    PARENT,
    TOKENS,
    BLOCK_SIZE,
    LORA_ID,
    MEDIUM,
    LORA_NAME,
    EXTRA_KEYS,
    GROUP,
    CACHE_KIND,
    WINDOW
  };
  private static final int[] IN_REMOVED = {HASHES, MEDIUM, GROUP};
  private static final int[] IN_CLEARED = {};

  private static final int REQUIRED_IN_STORED = 1 << HASHES | 1 << TOKENS | 1 << BLOCK_SIZE;
  private static final int REQUIRED_IN_REMOVED = 1 << HASHES;

  private final boolean mayBeNil;
  private final MsgpackReader reader;
  private final KvEvent event;
  private final Names names = new Names();

  EventFields(EngineType engine, MsgpackReader reader, KvEvent event) {
    this.mayBeNil = engine == EngineType.SGLANG;
    this.reader = reader;
    this.event = event;
  }

  /** Reads fields in their order; false when one is missing or of a wrong type. */
  boolean readArray(int count) {
    int[] order =
        switch (event.kind()) {
          case STORED -> IN_STORED;
          case REMOVED -> IN_REMOVED;
          case CLEARED -> IN_CLEARED;
        };
    int required =
        switch (event.kind()) {
          case STORED -> BLOCK_SIZE + 1;
          case REMOVED -> 1;
          case CLEARED -> 0;
        };
    for (int i = 0; i < Math.min(count, order.length); i++) {
      if (!read(order[i])) {
        return false;
      }
    }
    return count >= required;
  }

  /** Reads pairs of name and value. */
  boolean readMap(int pairs) {
    int missing =
        switch (event.kind()) {
          case STORED -> REQUIRED_IN_STORED;
          case REMOVED -> REQUIRED_IN_REMOVED;
          case CLEARED -> 0;
        };
    for (int i = 0; i < pairs; i++) {
      int field = OTHER;
      if (reader.readText()) {
        field = event.kind() == KvEvent.Kind.CLEARED ? OTHER : field();
      } else {
        reader.skip();
      }
      if (field == OTHER) {
        reader.skip();
      } else if (read(field)) {
        missing &= ~(1 << field);
      } else {
        return false;
      }
    }
    return missing == 0;
  }

  private int field() {
    for (int i = 0; i < NAMES.length; i++) {
      if (is(reader, NAMES[i])) {
        return i;
      }
    }
    return OTHER;
  }

  static boolean is(MsgpackReader reader, byte[] name) {
    int length = reader.length();
    int end = reader.position();
    return length == name.length
        && Arrays.equals(reader.bytes(), end - length, end, name, 0, length);
  }

  private boolean read(int field) {
    return switch (field) {
      case HASHES -> readHashes();
      case PARENT -> readParent();
      case TOKENS -> readTokens();
      case BLOCK_SIZE -> readBlockSize();
      case LORA_ID, WINDOW -> reader.readNil() || reader.readInteger();
      case EXTRA_KEYS -> reader.readNil() || readExtraKeys();
      case GROUP -> reader.readNil() || readGroup();
      default -> reader.readNil() || readName(field);
    };
  }

  private boolean readName(int field) {
    if (!reader.readText()) {
      if (field == CACHE_SALT) { // not a field of the reference: of another type it is another one
        reader.skip();
        return true;
      }
      return false;
    }
    int length = reader.length();
    boolean isKind = field == MEDIUM || field == CACHE_KIND;
    if (length > (isKind ? MAX_KIND_BYTES : MAX_NAME_BYTES)) {
      return false;
    }
    String name = names.of(reader.bytes(), reader.position() - length, length);
    switch (field) {
      case MEDIUM -> event.medium(name);
      case LORA_NAME -> event.loraName(name);
      case CACHE_KIND -> event.cacheKind(name);
      default -> event.cacheSalt(name);
    }
    return true;
  }

  private boolean readHashes() {
    if (mayBeNil && reader.readNil()) {
      return true;
    }
    if (!reader.readArray()) {
      return false;
    }
    int count = reader.length();
    if (count > MAX_HASHES) {
      return false;
    }
    long[] hashes = event.hashes(count);
    for (int i = 0; i < count; i++) {
      if (!readHash()) {
        return false;
      }
      hashes[i] = hash;
    }
    return true;
  }

  private long hash;

  private boolean readHash() {
    if (reader.readInteger()) {
      hash = reader.number();
      return true;
    }
    if (!reader.readBinary() || reader.length() == 0) {
      return false;
    }
    int end = reader.position();
    long last = 0;
    for (int i = end - Math.min(Long.BYTES, reader.length()); i < end; i++) {
      last = (last << 8) | (reader.bytes()[i] & 0xff);
    }
    hash = last;
    return true;
  }

  private boolean readParent() {
    if (reader.readNil()) {
      return true;
    }
    if (!readHash()) {
      return false;
    }
    event.parent(hash);
    return true;
  }

  /** Numbers, or pairs of them: the token and the one after it, of which the first counts. */
  private boolean readTokens() {
    if (!reader.readArray()) {
      return false;
    }
    int count = reader.length();
    if (count > MAX_TOKENS) {
      return false;
    }
    int[] tokens = event.tokens(count);
    for (int i = 0; i < count; i++) {
      if (!reader.readInteger() && !readPair()) {
        return false;
      }
      tokens[i] = (int) reader.number();
    }
    return true;
  }

  private boolean readPair() {
    if (!reader.readArray() || reader.length() == 0) {
      return false;
    }
    int others = reader.length() - 1;
    boolean isNumber = reader.readInteger();
    for (int i = 0; isNumber && i < others; i++) {
      reader.skip();
    }
    return isNumber;
  }

  private boolean readBlockSize() {
    if (mayBeNil && reader.readNil()) {
      return true;
    }
    if (!reader.readInteger()) {
      return false;
    }
    event.blockTokens((int) reader.number());
    return true;
  }

  private boolean readGroup() {
    if (!reader.readInteger() || reader.number() < 0 || reader.number() > Integer.MAX_VALUE) {
      return false;
    }
    event.group((int) reader.number());
    return true;
  }

  private boolean readExtraKeys() {
    if (!reader.readArray()) {
      return false;
    }
    int blocks = reader.length();
    BlockExtras extras = event.extras(blocks);
    for (int block = 0; block < blocks; block++) {
      if (reader.readNil()) {
        continue;
      }
      if (!reader.readArray()) {
        return false;
      }
      for (int left = reader.length(); left > 0; left--) {
        if (!readExtraKey(block, extras)) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * A text, or an array that begins with one (with an offset behind it); others do not count. False
   * when there are too many.
   */
  private boolean readExtraKey(int block, BlockExtras extras) {
    int start = reader.position();
    boolean isText = reader.readText();
    if (!isText && reader.readArray() && reader.length() > 0) {
      isText = reader.readText();
    }
    int length = reader.length();
    if (isText && !extras.hasRoom(length)) {
      return false;
    }
    if (isText) {
      extras.add(block, reader.bytes(), reader.position() - length, length);
    }
    reader.position(start);
    reader.skip();
    return true;
  }
}
