package ai.llmd.epp.adapter.extproc.transport;

import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

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
  private boolean isOver;

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
    after(PREFACE_NANOS, this::expectPreface);
    after(quietNanos, this::look);
  }

  private void after(long nanos, Runnable task) {
    var _ = timer.apply(task, nanos);
  }

  /** Something came. */
  void read() {
    lastReadNanos = System.nanoTime();
  }

  /** It needs no look any more. */
  void end() {
    isOver = true;
  }

  private void expectPreface() {
    if (!isOver && !peer.hasBegun()) {
      peer.close();
    }
  }

  private void look() {
    if (isOver) {
      return;
    }
    long left = quietNanos - (System.nanoTime() - lastReadNanos);
    if (left > 0) {
      after(left, this::look);
      return;
    }
    long asked = lastReadNanos;
    peer.ping();
    after(waitNanos, () -> expectRead(asked));
  }

  private void expectRead(long asked) {
    if (!isOver && lastReadNanos == asked) {
      peer.close();
    } else {
      look();
    }
  }
}
