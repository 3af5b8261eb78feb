package ai.llmd.epp.sidecar;

/**
 * Memory outside of the heap, where the network's buffers are. By default it may grow as large as
 * the heap, and a pod with slow clients would be killed for it. So it is half of the heap: with
 * {@code -XX:MaxRAMPercentage=50}, a quarter of the container. A connection that needs more ends.
 */
final class NetworkMemory {

  /** Netty's own limit, read once, before its first buffer. */
  static final String PROPERTY = "io.netty.maxDirectMemory";

  private static final int SHARE_OF_HEAP = 2;

  private NetworkMemory() {}

  /** Limits it, unless an operator has. Takes effect before Netty is used. */
  static void limit() {
    if (System.getProperty(PROPERTY) == null) {
      System.setProperty(PROPERTY, Long.toString(Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP));
    }
  }
}
