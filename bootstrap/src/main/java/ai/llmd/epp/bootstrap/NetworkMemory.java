package ai.llmd.epp.bootstrap;

/**
 * Memory outside of the heap, where the network's buffers are. By default it may grow as large as
 * the heap, and a process whose heap takes most of its container would be killed for it. So it is a
 * sixth of the heap: with {@code -XX:MaxRAMPercentage=60}, a tenth of the container.
 */
final class NetworkMemory {

  /** Netty's own limit, read once, before its first buffer. */
  private static final String PROPERTY = "io.netty.maxDirectMemory";

  private static final int SHARE_OF_HEAP = 6;

  private NetworkMemory() {}

  /** Limits it, unless an operator has. Takes effect before Netty is used. */
  static void limit() {
    if (System.getProperty(PROPERTY) == null) {
      System.setProperty(PROPERTY, Long.toString(shareOfHeap()));
    }
  }

  /** What it may grow to, in bytes. */
  static long bytes() {
    Long given = Long.getLong(PROPERTY);
    return given == null || given < 1 ? shareOfHeap() : given;
  }

  private static long shareOfHeap() {
    return Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP;
  }
}
