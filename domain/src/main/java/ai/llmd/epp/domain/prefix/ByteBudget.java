package ai.llmd.epp.domain.prefix;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes that may be used, and are. One thread takes and gives, any may look. */
public final class ByteBudget {

  /** Header of an array: mark, class and length, at most. */
  public static final int ARRAY_HEADER = 16;

  private final long max;
  private final AtomicLong used = new AtomicLong();

  /**
   * @param max bytes that may be used at most
   */
  public ByteBudget(long max) {
    this.max = max;
  }

  /** The bytes of a {@code long[]}. */
  public static long ofLongs(long length) {
    return ARRAY_HEADER + Long.BYTES * length;
  }

  /** Takes the bytes, or none of them and returns false. */
  public boolean take(long bytes) {
    long after = used.getPlain() + bytes;
    if (after > max) {
      return false;
    }
    used.setRelease(after);
    return true;
  }

  /** Gives back bytes that were taken. */
  public void give(long bytes) {
    used.setRelease(used.getPlain() - bytes);
  }

  /** Bytes that may still be taken. */
  public long free() {
    return max - used.getPlain();
  }

  /** Bytes that are taken. */
  public long used() {
    return used.getAcquire();
  }
}
