package ai.llmd.epp.adapter.extproc.transport;

/** How many bytes a peer may send: flow control of RFC 9113, section 5.2. One thread's own. */
final class ReceiveWindow {

  private final int size;
  private int left;
  private int unreturned;

  ReceiveWindow(int size) {
    this.size = size;
    this.left = size;
  }

  /** Bytes have come; false when they are too many. */
  boolean take(int bytes) {
    left -= bytes;
    return left >= 0;
  }

  /**
   * Bytes were used.
   *
   * @return what the peer is given back: nothing until it is half of the window
   */
  int giveBack(int bytes) {
    unreturned += bytes;
    if (unreturned < size / 2) {
      return 0;
    }
    int increment = unreturned;
    unreturned = 0;
    left += increment;
    return increment;
  }
}
