package ai.llmd.epp.domain.kvcache;

import java.util.Arrays;

/**
 * What a model server tells about its cache: blocks were stored, removed, or all of them cleared.
 *
 * <p>Reusable: {@link #reset} forgets the event and keeps the arrays, so that a stream of events
 * needs one of these. One thread at a time.
 */
public final class KvEvent {

  /** What happened. */
  public enum Kind {
    /** Blocks are there now. */
    STORED,
    /** Blocks are gone. */
    REMOVED,
    /** Everything is gone. */
    CLEARED
  }

  private Kind kind = Kind.CLEARED;
  private long[] hashes = new long[64];
  private int hashCount;
  private long parent;
  private int[] tokens = new int[1024];
  private int tokenCount;
  private int blockTokens;
  private String medium = "";
  private String loraName = "";
  private String cacheSalt = "";
  private String cacheKind = "";
  private int group = KvLocations.NO_GROUP;
  private boolean hasExtras;
  private final BlockExtras extras = new BlockExtras();

  /** Forgets everything. */
  public KvEvent reset() {
    kind = Kind.CLEARED;
    hashCount = 0;
    parent = 0;
    tokenCount = 0;
    blockTokens = 0;
    medium = "";
    loraName = "";
    cacheSalt = "";
    cacheKind = "";
    group = KvLocations.NO_GROUP;
    hasExtras = false;
    extras.reset(0);
    return this;
  }

  public Kind kind() {
    return kind;
  }

  public void kind(Kind happened) {
    kind = happened;
  }

  /** Keys of the blocks, the model server's own. The first {@link #hashCount} count. */
  public long[] hashes() {
    return hashes;
  }

  public int hashCount() {
    return hashCount;
  }

  /** Room for so many keys, which the caller writes. */
  public long[] hashes(int count) {
    if (count > hashes.length) {
      hashes = new long[Math.max(count, 2 * hashes.length)];
    }
    hashCount = count;
    return hashes;
  }

  /** The block that the first one continues; 0 for none. */
  public long parent() {
    return parent;
  }

  public void parent(long hash) {
    parent = hash;
  }

  /** Tokens of all blocks, unsigned. The first {@link #tokenCount} count. */
  public int[] tokens() {
    return tokens;
  }

  public int tokenCount() {
    return tokenCount;
  }

  /** Room for so many tokens, which the caller writes. */
  public int[] tokens(int count) {
    if (count > tokens.length) {
      tokens = Arrays.copyOf(tokens, Math.max(count, 2 * tokens.length));
    }
    tokenCount = count;
    return tokens;
  }

  /** Tokens of one of the model server's blocks. */
  public int blockTokens() {
    return blockTokens;
  }

  public void blockTokens(int count) {
    blockTokens = count;
  }

  /** Where the blocks are, as the model server writes it; empty when it says nothing. */
  public String medium() {
    return medium;
  }

  public void medium(String name) {
    medium = name;
  }

  /** The adapter that the blocks belong to; empty for none. */
  public String loraName() {
    return loraName;
  }

  public void loraName(String name) {
    loraName = name;
  }

  /** The salt of the prompt, where it is a field of its own; empty for none. */
  public String cacheSalt() {
    return cacheSalt;
  }

  public void cacheSalt(String salt) {
    cacheSalt = salt;
  }

  /** The kind of attention whose blocks these are, e.g. {@code full_attention}; empty for none. */
  public String cacheKind() {
    return cacheKind;
  }

  public void cacheKind(String name) {
    cacheKind = name;
  }

  /** Group of layers, or {@link KvLocations#NO_GROUP}. */
  public int group() {
    return group;
  }

  public void group(int index) {
    group = index;
  }

  /** Whether the event has lists of extra keys. */
  public boolean hasExtras() {
    return hasExtras;
  }

  /** Texts that separate the blocks, one list for each of the model server's blocks. */
  public BlockExtras extras() {
    return extras;
  }

  /** Lists for so many blocks, which the caller fills. */
  public BlockExtras extras(int blocks) {
    hasExtras = true;
    return extras.reset(blocks);
  }
}
