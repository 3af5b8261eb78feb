package ai.llmd.epp.domain.prefix;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The 64-bit hash XXH64, at once or over a stream of pieces.
 *
 * <p>Not cryptographic: whoever knows the seed can find collisions. An instance belongs to one
 * thread; the static methods to all.
 *
 * @see <a href="https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md">specification</a>
 */
public final class XxHash64 {

  private static final long P1 = 0x9E3779B185EBCA87L;
  private static final long P2 = 0xC2B2AE3D27D4EB4FL;
  private static final long P3 = 0x165667B19E3779F9L;
  private static final long P4 = 0x85EBCA77C2B2AE63L;
  private static final long P5 = 0x27D4EB2F165667C5L;

  /** Bytes that the four lanes take in one round. */
  private static final int STRIPE = 32;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] pending = new byte[STRIPE];
  private int pendingBytes;
  private long totalBytes;
  private long seed;
  private long lane1;
  private long lane2;
  private long lane3;
  private long lane4;

  /** A stream without bytes yet. */
  public XxHash64(long seed) {
    reset(seed);
  }

  /** Starts a new stream. */
  public void reset(long newSeed) {
    seed = newSeed;
    lane1 = newSeed + P1 + P2;
    lane2 = newSeed + P2;
    lane3 = newSeed;
    lane4 = newSeed - P1;
    pendingBytes = 0;
    totalBytes = 0;
  }

  /** Appends bytes to the stream. */
  public void update(byte[] bytes, int offset, int length) {
    totalBytes += length;
    int at = offset;
    int end = offset + length;
    if (pendingBytes > 0) {
      int taken = Math.min(STRIPE - pendingBytes, length);
      System.arraycopy(bytes, at, pending, pendingBytes, taken);
      pendingBytes += taken;
      at += taken;
      if (pendingBytes < STRIPE) {
        return;
      }
      takeStripes(pending, 0, STRIPE);
    }
    at = takeStripes(bytes, at, end);
    pendingBytes = end - at;
    System.arraycopy(bytes, at, pending, 0, pendingBytes);
  }

  /** The hash of everything since the last reset; the stream may go on. */
  public long digest() {
    long hash = totalBytes >= STRIPE ? mergeLanes(lane1, lane2, lane3, lane4) : seed + P5;
    return finish(hash + totalBytes, pending, 0, pendingBytes);
  }

  /** The hash of a range of bytes. */
  public static long hash(byte[] bytes, int offset, int length, long seed) {
    int at = offset;
    int end = offset + length;
    long hash;
    if (length >= STRIPE) {
      long lane1 = seed + P1 + P2;
      long lane2 = seed + P2;
      long lane3 = seed;
      long lane4 = seed - P1;
      for (; at <= end - STRIPE; at += STRIPE) {
        lane1 = round(lane1, (long) LONGS.get(bytes, at));
        lane2 = round(lane2, (long) LONGS.get(bytes, at + 8));
        lane3 = round(lane3, (long) LONGS.get(bytes, at + 16));
        lane4 = round(lane4, (long) LONGS.get(bytes, at + 24));
      }
      hash = mergeLanes(lane1, lane2, lane3, lane4);
    } else {
      hash = seed + P5;
    }
    return finish(hash + length, bytes, at, end);
  }

  /** The hash of two numbers as sixteen little-endian bytes. */
  public static long hash(long first, long second, long seed) {
    long hash = seed + P5 + 2 * Long.BYTES;
    return avalanche(mixLong(mixLong(hash, first), second));
  }

  private int takeStripes(byte[] bytes, int from, int end) {
    int at = from;
    long l1 = lane1; // locals: the compiler keeps them in registers
    long l2 = lane2;
    long l3 = lane3;
    long l4 = lane4;
    for (; at <= end - STRIPE; at += STRIPE) {
      l1 = round(l1, (long) LONGS.get(bytes, at));
      l2 = round(l2, (long) LONGS.get(bytes, at + 8));
      l3 = round(l3, (long) LONGS.get(bytes, at + 16));
      l4 = round(l4, (long) LONGS.get(bytes, at + 24));
    }
    lane1 = l1;
    lane2 = l2;
    lane3 = l3;
    lane4 = l4;
    return at;
  }

  private static long finish(long start, byte[] bytes, int from, int end) {
    long hash = start;
    int at = from;
    for (; at <= end - Long.BYTES; at += Long.BYTES) {
      hash = mixLong(hash, (long) LONGS.get(bytes, at));
    }
    if (at <= end - Integer.BYTES) {
      hash ^= Integer.toUnsignedLong((int) INTS.get(bytes, at)) * P1;
      hash = Long.rotateLeft(hash, 23) * P2 + P3;
      at += Integer.BYTES;
    }
    for (; at < end; at++) {
      hash ^= Byte.toUnsignedLong(bytes[at]) * P5;
      hash = Long.rotateLeft(hash, 11) * P1;
    }
    return avalanche(hash);
  }

  private static long round(long lane, long input) {
    return Long.rotateLeft(lane + input * P2, 31) * P1;
  }

  private static long mixLong(long hash, long input) {
    return Long.rotateLeft(hash ^ round(0, input), 27) * P1 + P4;
  }

  private static long mergeLanes(long l1, long l2, long l3, long l4) {
    long hash =
        Long.rotateLeft(l1, 1)
            + Long.rotateLeft(l2, 7)
            + Long.rotateLeft(l3, 12)
            + Long.rotateLeft(l4, 18);
    hash = mergeLane(hash, l1);
    hash = mergeLane(hash, l2);
    hash = mergeLane(hash, l3);
    return mergeLane(hash, l4);
  }

  private static long mergeLane(long hash, long lane) {
    return (hash ^ round(0, lane)) * P1 + P4;
  }

  private static long avalanche(long hash) {
    long mixed = (hash ^ (hash >>> 33)) * P2;
    mixed = (mixed ^ (mixed >>> 29)) * P3;
    return mixed ^ (mixed >>> 32);
  }
}
