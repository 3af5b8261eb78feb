package ai.llmd.epp.adapter.extproc;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the bytes that all streams hold together for bodies, with what is around them, up to a
 * limit. Any thread.
 */
public final class BufferedBytes {

  private final long limit;
  private final AtomicLong held = new AtomicLong();

  public BufferedBytes(long limit) {
    this.limit = limit;
  }

  /** Takes room for some bytes; false, and nothing taken, when there is not enough. */
  boolean take(long bytes) {
    if (held.addAndGet(bytes) <= limit) {
      return true;
    }
    held.addAndGet(-bytes);
    return false;
  }

  void giveBack(long bytes) {
    held.addAndGet(-bytes);
  }

  public long held() {
    return held.get();
  }
}
