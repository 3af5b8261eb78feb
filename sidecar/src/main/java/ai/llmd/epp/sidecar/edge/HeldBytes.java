package ai.llmd.epp.sidecar.edge;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes of bodies that are held until they are whole and for as long as they are needed, of all
 * requests together: for more there would be no memory, and without memory the process ends, with
 * every answer that is under way. Any thread.
 */
final class HeldBytes {

  /** A body, what is made of it for either server, and room for all else. */
  private static final int SHARE = 8;

  /** Those of this process. */
  static final HeldBytes ALL = new HeldBytes(Runtime.getRuntime().maxMemory() / SHARE);

  private final long most;
  private final AtomicLong held = new AtomicLong();

  HeldBytes(long most) {
    this.most = most;
  }

  /** What one body may have when there is no other. */
  long most() {
    return most;
  }

  /** Whether there is room for so many; they have to be given back then. */
  boolean take(long bytes) {
    if (held.addAndGet(bytes) <= most) {
      return true;
    }
    held.addAndGet(-bytes);
    return false;
  }

  void giveBack(long bytes) {
    held.addAndGet(-bytes);
  }
}
