package ai.llmd.epp.adapter.extproc.memory;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Counts the bytes that many streams hold together, with what is around them, up to a limit. Any
 * thread.
 *
 * <p>A quarter is kept for small takers, so that a few large bodies do not shut out all other
 * requests, and a quarter for other connections: what one connection holds is counted in a
 * {@linkplain #forConnection() share} of its own, too. Half is kept from sheddable requests, so
 * that they are refused before any other. The last thirty-second part is for what is complete: it
 * is handled and gone soon, whatever others have begun and do not end.
 */
public final class BufferedBytes {

  private final long limit;
  private final long limitForLarge;
  private final long limitForSheddable;
  private final long limitForUnfinished;
  private final @Nullable BufferedBytes all;
  private final AtomicLong held = new AtomicLong();

  public BufferedBytes(long limit) {
    this(limit, null);
  }

  private BufferedBytes(long limit, @Nullable BufferedBytes all) {
    this.limit = limit;
    this.limitForLarge = threeQuarters(limit);
    this.limitForSheddable = limit / 2;
    this.limitForUnfinished = limit - limit / 32;
    this.all = all;
  }

  /** Most bytes held. */
  public long limit() {
    return limit;
  }

  /** What one connection may hold of this: three quarters, counted here as well. */
  public BufferedBytes forConnection() {
    return new BufferedBytes(threeQuarters(limit), this);
  }

  /** What {@link #takeLarge} may take when nothing is held. */
  public long limitForLarge() {
    return limitForLarge;
  }

  private static long threeQuarters(long limit) {
    return limit - limit / 4;
  }

  /**
   * Whether half of what is kept for small takers is held, here or over all: whoever holds it
   * without need has to give it back.
   */
  public boolean isShort() {
    return held.get() > limit - limit / 8 || (all != null && all.isShort());
  }

  /** Whether little is left even of that, and next to nothing for what is not complete. */
  public boolean isNearlyFull() {
    return held.get() > limit - limit / 16 || (all != null && all.isNearlyFull());
  }

  /** Whether there is room again after a shortage: a sixteenth more. */
  public boolean hasRoomAgain() {
    return held.get() <= limit - limit / 8 - limit / 16 && (all == null || all.hasRoomAgain());
  }

  /** Takes room for some bytes; false, and nothing taken, when there is not enough. */
  public boolean take(long bytes) {
    return take(bytes, limit) && (all == null || all.take(bytes) || isGivenBack(bytes));
  }

  /** The same for what is large already: the last quarter stays free for others. */
  public boolean takeLarge(long bytes) {
    return take(bytes, limitForLarge)
        && (all == null || all.takeLarge(bytes) || isGivenBack(bytes));
  }

  /** The same for a part of something of which more has to come. */
  public boolean takeUnfinished(long bytes) {
    return take(bytes, limitForUnfinished)
        && (all == null || all.takeUnfinished(bytes) || isGivenBack(bytes));
  }

  /** The same for a sheddable request, large or not: half stays free for others. */
  public boolean takeSheddable(long bytes) {
    return take(bytes, limitForSheddable)
        && (all == null || all.takeSheddable(bytes) || isGivenBack(bytes));
  }

  /** Whether a sheddable request could take this much now. */
  public boolean hasRoomForSheddable(long bytes) {
    return bytes <= limitForSheddable - held.get()
        && (all == null || all.hasRoomForSheddable(bytes));
  }

  /**
   * Takes room for what is in memory already and was counted until now. False, and nothing taken,
   * when there is far too much: an eighth above the limit.
   */
  public boolean takeOver(long bytes) {
    return take(bytes, limit + limit / 8)
        && (all == null || all.takeOver(bytes) || isGivenBack(bytes));
  }

  /** Counts what there must always be room for: it is little, or in memory already. */
  public void takeLittle(long bytes) {
    held.addAndGet(bytes);
    if (all != null) {
      all.takeLittle(bytes);
    }
  }

  private boolean take(long bytes, long most) {
    if (held.addAndGet(bytes) <= most) {
      return true;
    }
    held.addAndGet(-bytes);
    return false;
  }

  /** False: what was taken from the share is not there over all. */
  private boolean isGivenBack(long bytes) {
    held.addAndGet(-bytes);
    return false;
  }

  public void giveBack(long bytes) {
    held.addAndGet(-bytes);
    if (all != null) {
      all.giveBack(bytes);
    }
  }

  public long held() {
    return held.get();
  }
}
