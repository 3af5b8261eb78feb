package ai.llmd.epp.adapter.extproc.transport;

import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Notices a peer that is gone, or never was one. The connection's thread. */
final class Liveness {

  private static final long PREFACE_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** What a silent peer costs. */
  interface Peer {

    /** Whether it has begun to speak HTTP/2. */
    boolean hasBegun();

    /** Asks it for a sign of life. */
    void ping();

    void close();
  }

  private final Peer peer;
  private final BiFunction<Runnable, Long, Future<?>> timer;
  private final long quietNanos;
  private final long waitNanos;
  private long lastReadNanos;
  private boolean isAsked;
  private @Nullable Future<?> forPreface;
  private @Nullable Future<?> look;

  /**
   * @param timer runs a task after so many nanoseconds
   */
  Liveness(Peer peer, BiFunction<Runnable, Long, Future<?>> timer, TransportRules rules) {
    this.peer = peer;
    this.timer = timer;
    this.quietNanos = rules.quietBeforePing().toNanos();
    this.waitNanos = rules.maxPingWait().toNanos();
  }

  void begin() {
    read();
    forPreface = timer.apply(this::expectPreface, PREFACE_NANOS);
    lookAfter(quietNanos, this::look);
  }

  private void lookAfter(long nanos, Runnable task) {
    look = timer.apply(task, nanos);
  }

  /** Something came. */
  void read() {
    lastReadNanos = System.nanoTime();
  }

  /** Whether it was asked, and has not answered until now. */
  boolean isAnswered() {
    boolean wasAsked = isAsked;
    isAsked = false;
    return wasAsked;
  }

  /** It needs no look any more: timers would keep it in memory, as fast as peers come and go. */
  void end() {
    cancel(forPreface);
    cancel(look);
  }

  private static void cancel(@Nullable Future<?> timer) {
    if (timer != null) {
      boolean _ = timer.cancel(false);
    }
  }

  private void expectPreface() {
    if (!peer.hasBegun()) {
      peer.close();
    }
  }

  private void look() {
    long left = quietNanos - (System.nanoTime() - lastReadNanos);
    if (left > 0) {
      lookAfter(left, this::look);
      return;
    }
    long asked = lastReadNanos;
    isAsked = true;
    peer.ping();
    lookAfter(waitNanos, () -> expectRead(asked));
  }

  private void expectRead(long asked) {
    if (lastReadNanos == asked) {
      peer.close();
    } else {
      look();
    }
  }
}
