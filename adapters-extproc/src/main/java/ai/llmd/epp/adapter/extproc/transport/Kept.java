package ai.llmd.epp.adapter.extproc.transport;

import ai.llmd.epp.adapter.extproc.memory.BufferedBytes;

/**
 * What a connection keeps in network memory because it is not complete, or not wanted yet. It is
 * counted in the room of all connections, but for what is little. The connection's thread.
 */
final class Kept {

  private static final int UNCOUNTED = 4 << 10;

  private final BufferedBytes room;
  private final Runnable shortage;
  private int bytes;
  private int counted;
  private long sinceNanos;

  /**
   * @param shortage has room made; is called when there is none
   */
  Kept(BufferedBytes room, Runnable shortage) {
    this.room = room;
    this.shortage = shortage;
  }

  /** So much more is kept; false when there is no room for it, nor for a little more than fits. */
  boolean add(int more) {
    if (bytes == 0) {
      sinceNanos = System.nanoTime();
    }
    bytes += more;
    if (bytes <= UNCOUNTED || room.take(bytes - counted)) {
      counted = bytes <= UNCOUNTED ? 0 : bytes;
      return true;
    }
    shortage.run();
    if (!room.takeOver(bytes - counted)) {
      bytes -= more;
      return false;
    }
    counted = bytes;
    return true;
  }

  /** So much is not kept any more. */
  void remove(int less) {
    bytes -= less;
    int still = bytes <= UNCOUNTED ? 0 : bytes;
    if (still < counted) {
      room.giveBack(counted - still);
      counted = still;
    }
  }

  /** What is counted, times how long it has been kept: the most costly go first. */
  long cost(long nowNanos) {
    return counted * ((nowNanos - sinceNanos) >> 20);
  }
}
