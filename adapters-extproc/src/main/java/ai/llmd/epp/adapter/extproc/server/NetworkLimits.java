package ai.llmd.epp.adapter.extproc.server;

import ai.llmd.epp.adapter.extproc.memory.BufferedBytes;

/**
 * How much of the network's memory, outside of the heap, gateways may occupy.
 *
 * @param incompleteBytes most bytes of messages that have begun to come; above it 503 for the
 *     stream whose message does not fit
 * @param unwrittenBytes bytes of answers that gateways have yet to take; above it each stream sends
 *     its body in small steps
 */
public record NetworkLimits(long incompleteBytes, long unwrittenBytes) {

  /** For a gibibyte of heap: 64 MiB and 32 MiB. */
  public static final NetworkLimits DEFAULT = new NetworkLimits(64L << 20, 32L << 20);

  /**
   * Of the memory that the network may have in all: a half and a quarter. The rest is for what is
   * being read and written at the moment.
   */
  public static NetworkLimits within(long networkBytes) {
    return new NetworkLimits(networkBytes / 2, networkBytes / 4);
  }

  /** What one message may take when there is no other, in bytes. */
  public long largestMessage() {
    return new BufferedBytes(incompleteBytes).forConnection().limitForLarge();
  }

  public NetworkLimits {
    if (incompleteBytes < 1 || unwrittenBytes < 1) {
      throw new IllegalArgumentException("limits must be 1 or more");
    }
  }
}
