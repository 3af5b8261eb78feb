package ai.llmd.epp.adapter.extproc.server;

import ai.llmd.epp.adapter.extproc.ExtProcStream;
import ai.llmd.epp.domain.calls.NonFatal;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open calls of one event loop, which looks once a second whether their requests go on. Its
 * thread's own.
 *
 * <p>Calls that have had their first messages take further ones in turn: a few hundred of all calls
 * together, then the loop turns to what else has come by its connections. A message costs some
 * microseconds whatever its size, so that 64 KiB of messages of a byte each would keep the others
 * waiting for tens of milliseconds.
 */
final class LoopCalls {

  private static final Logger log = LoggerFactory.getLogger(LoopCalls.class);

  /** So many messages are handled in a millisecond or two. */
  static final int MAX_AT_ONCE = 256;

  private final List<PacedCall> calls = new ArrayList<>();
  private final Deque<PacedCall> line = new ArrayDeque<>();
  private final @Nullable EventExecutor loop;

  /** Since the loop last turned to its connections because there were many, or ever. */
  private int messages;

  private boolean isTurning;

  /** Seconds since the loop began. */
  private int seconds;

  /**
   * @param loop null on a thread that is none: there calls do not wait for their turn
   */
  LoopCalls(@Nullable EventExecutor loop) {
    this.loop = loop;
  }

  /** Has every loop of a group look after its own calls; returns those of the calling loop. */
  static Supplier<LoopCalls> of(EventLoopGroup group) {
    FastThreadLocal<LoopCalls> own =
        new FastThreadLocal<>() {
          @Override
          protected LoopCalls initialValue() {
            return new LoopCalls(thisOne(group));
          }
        };
    for (EventExecutor loop : group) {
      var _ = loop.scheduleWithFixedDelay(() -> own.get().look(), 1, 1, TimeUnit.SECONDS);
    }
    return own::get;
  }

  private static @Nullable EventExecutor thisOne(EventLoopGroup group) {
    for (EventExecutor loop : group) {
      if (loop.inEventLoop()) {
        return loop;
      }
    }
    return null;
  }

  /** A message was handled. */
  void count() {
    messages++;
  }

  /** Has a call ask for its next messages, at once or when it is its turn. */
  void ask(PacedCall call) {
    if (messages < MAX_AT_ONCE || loop == null) {
      call.ask();
    } else if (!call.isInLine) {
      call.isInLine = true;
      line.add(call);
      turnLater(loop);
    }
  }

  /** Not by a task like others: the loop runs those before it looks at its connections. */
  private void turnLater(EventExecutor loop) {
    if (!isTurning) {
      isTurning = true;
      var _ = loop.schedule(() -> turn(loop), 0, TimeUnit.NANOSECONDS);
    }
  }

  private void turn(EventExecutor loop) {
    isTurning = false;
    messages = 0;
    for (int i = line.size(); i > 0 && messages < MAX_AT_ONCE; i--) {
      PacedCall next = line.removeFirst();
      next.isInLine = false;
      guarded("a call took no further message", next::resume);
    }
    if (!line.isEmpty()) {
      turnLater(loop);
    }
  }

  /**
   * Gives up requests that are not complete, the most costly first, until there is room again. All
   * are left alone when it is not they that hold the room.
   *
   * @param mostHeld what they may hold together, in bytes
   * @param sparedMillis those that began so shortly ago are left alone
   * @return how many were given up
   */
  int relieve(long mostHeld, long sparedMillis) {
    List<Unfinished> unfinished = new ArrayList<>();
    long held = 0;
    for (PacedCall call : calls) {
      ExtProcStream.Unfinished body = call.unfinished();
      if (body.millis() >= sparedMillis) {
        held += body.bytes();
        unfinished.add(new Unfinished(call, body.bytes() * (1 + body.millis())));
      }
    }
    if (held <= mostHeld) {
      return 0;
    }
    unfinished.sort(Comparator.comparingLong(Unfinished::cost).reversed());
    int[] givenUp = new int[1];
    for (Unfinished next : unfinished) {
      guarded("a costly call was not given up", () -> givenUp[0] += next.call.makeRoom() ? 1 : 0);
    }
    return givenUp[0];
  }

  /** A request that holds memory and waits for more. */
  private record Unfinished(PacedCall call, long cost) {}

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

  private void look(PacedCall call) {
    guarded("a slow call was not given up", () -> call.look(seconds));
  }

  /** What one call throws must not keep the others from their turn, now and later. */
  private static void guarded(String failure, Runnable step) {
    try {
      step.run();
    } catch (Throwable thrown) {
      log.atError().setCause(NonFatal.orThrow(thrown)).log(failure);
    }
  }
}
