package ai.llmd.epp.adapter.extproc.server;

import ai.llmd.epp.domain.calls.NonFatal;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open calls of one event loop, which looks once a second whether their requests go on. Its
 * thread's own.
 */
final class LoopCalls {

  private static final Logger log = LoggerFactory.getLogger(LoopCalls.class);

  private final List<PacedCall> calls = new ArrayList<>();

  /** Seconds since the loop began. */
  private int seconds;

  /** Has every loop of a group look after its own calls; returns those of the calling loop. */
  static Supplier<LoopCalls> of(EventLoopGroup group) {
    FastThreadLocal<LoopCalls> own =
        new FastThreadLocal<>() {
          @Override
          protected LoopCalls initialValue() {
            return new LoopCalls();
          }
        };
    for (EventExecutor loop : group) {
      var _ = loop.scheduleWithFixedDelay(() -> own.get().look(), 1, 1, TimeUnit.SECONDS);
    }
    return own::get;
  }

  int seconds() {
    return seconds;
  }

  void add(PacedCall call) {
    call.place = calls.size();
    calls.add(call);
  }

  /** The last one takes its place. */
  void remove(PacedCall call) {
    if (call.place >= 0) {
      PacedCall last = calls.removeLast();
      if (call.place < calls.size()) {
        calls.set(call.place, last);
        last.place = call.place;
      }
      call.place = -1;
    }
  }

  private void look() {
    seconds++;
    for (int i = calls.size() - 1; i >= 0; i--) {
      if (i < calls.size()) { // looking may end some
        look(calls.get(i));
      }
    }
  }

  /** What one call throws must not keep the others from being looked at, now and later. */
  private void look(PacedCall call) {
    try {
      call.look(seconds);
    } catch (Throwable thrown) {
      log.atError().setCause(NonFatal.orThrow(thrown)).log("a slow call was not given up");
    }
  }
}
