package ai.llmd.epp.adapter.extproc.transport;

/** How many bytes the peer takes; may be less than nothing. One thread's own. */
final class SendWindow {

  private long left;

  SendWindow(int size) {
    this.left = size;
  }

  int left() {
    return (int) Math.clamp(left, 0, Integer.MAX_VALUE);
  }

  void take(int bytes) {
    left -= bytes;
  }

  /** The peer takes more, or less; false when that is more than a window may have. */
  boolean add(long bytes) {
    left += bytes;
    return left <= Integer.MAX_VALUE;
  }
}
