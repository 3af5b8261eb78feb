package ai.llmd.epp.sidecar.edge;

import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Gathers a request's body; on the exchange's loop. */
final class WholeBody implements BodySink {

  /** Bytes that each body may have in any case: thousands of short ones are no danger. */
  private static final int FREE = 64 << 10;

  private static final long OF_A_PART = 32; // bytes, or a body of many short chunks would cost none

  private final Exchange exchange;
  private final long longest;
  private final HeldBytes memory;
  private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
  private final List<byte[]> parts = new ArrayList<>();
  private int length;
  private long taken; // of the memory

  /**
   * Of one exchange.
   *
   * @param longest in bytes
   */
  WholeBody(Exchange exchange, int longest, HeldBytes memory) {
    this.exchange = exchange;
    this.longest = Math.min(longest, memory.most());
    this.memory = memory;
  }

  /** Fails with {@link BodyTooLongException}. */
  CompletableFuture<byte[]> whole() {
    return whole;
  }

  /** The exchange has ended, and nothing of the body is needed any more. */
  void forget() {
    memory.giveBack(taken);
    taken = 0;
    parts.clear();
  }

  @Override
  public void sent(HttpContent part) {
    if (whole.isDone()) {
      part.release();
      return;
    }
    boolean isLast = part instanceof LastHttpContent;
    byte[] bytes = ByteBufUtil.getBytes(part.content());
    part.release();
    boolean isTooLong = length + (long) bytes.length > longest;
    if (isTooLong || !takes(bytes.length)) {
      whole.completeExceptionally(new BodyTooLongException(longest, !isTooLong));
      return;
    }
    length += bytes.length;
    parts.add(bytes);
    if (isLast) {
      whole.complete(joined());
    } else {
      exchange.readMore();
    }
  }

  private boolean takes(int more) {
    long needed = Math.max(0, length + more - FREE) + OF_A_PART * (parts.size() + 1L) - taken;
    if (!memory.take(needed)) {
      return false;
    }
    taken += needed;
    return true;
  }

  private byte[] joined() {
    byte[] all = new byte[length];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    parts.clear();
    return all;
  }
}
