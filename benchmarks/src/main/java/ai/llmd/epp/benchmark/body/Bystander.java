package ai.llmd.epp.benchmark.body;

import io.grpc.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Has small requests routed, one after the other, and notes how long each takes. One thread. */
final class Bystander {

  private static final long PAUSE_NANOS = 2_000_000;
  private static final byte[] BODY = BodyShape.WORDS.body(500);

  private final Channel picker;
  private final List<Long> nanos = new ArrayList<>();

  Bystander(Channel picker) {
    this.picker = picker;
  }

  void askUntil(long endNanos) {
    nanos.clear();
    for (long at = System.nanoTime(); at < endNanos; at = System.nanoTime()) {
      ask();
      nanos.add(System.nanoTime() - at);
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /** Waits for one request. */
  void ask() {
    String outcome = BodySender.send(picker, BodyShape.WORDS.path(), BODY, BODY.length).join();
    if (!outcome.equals("routed")) {
      throw new IllegalStateException("a small request came to " + outcome);
    }
  }

  List<Long> nanos() {
    return nanos;
  }
}
