package ai.llmd.epp.domain.request;

/** Takes bytes in order. The array belongs to the caller and may change after the call. */
@FunctionalInterface
public interface ByteSink {

  void write(byte[] bytes, int offset, int length);

  /**
   * Whether further bytes would be ignored. Who has much to write may look between two writes and
   * stop; it may be ignored.
   */
  default boolean isFull() {
    return false;
  }
}
