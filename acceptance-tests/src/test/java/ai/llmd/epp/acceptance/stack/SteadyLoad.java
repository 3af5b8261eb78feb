package ai.llmd.epp.acceptance.stack;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongFunction;
import org.awaitility.Awaitility;

/** Sends chat completions at a steady pace, whether or not earlier ones have been answered. */
public final class SteadyLoad implements AutoCloseable {

  /** Unanswered requests with which a {@linkplain #run run} is content on a busy machine. */
  private static final int MAX_UNANSWERED = 16;

  private static final AtomicLong COUNT = new AtomicLong();

  private final Client gateway;
  private final long paceNanos;
  private final LongFunction<Prompt> prompts;
  private final long most;
  private final Semaphore unanswered;
  private final String name = "load-" + COUNT.incrementAndGet();
  private final ConcurrentLinkedQueue<Asked> answered = new ConcurrentLinkedQueue<>();
  private final Thread sender = Thread.ofPlatform().name(name).unstarted(this::send);
  private final AtomicLong sent = new AtomicLong();
  private volatile boolean closing;

  private SteadyLoad(
      Client gateway, int perSecond, long most, int unanswered, LongFunction<Prompt> prompts) {
    this.gateway = gateway;
    this.paceNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
    this.most = most;
    this.unanswered = new Semaphore(unanswered);
    this.prompts = prompts;
  }

  /**
   * One request and what became of it.
   *
   * @param number its place among all, from 0
   * @param sentAtNanos, endedAtNanos {@link System#nanoTime()}
   * @param reply with status 0 when the connection broke off
   */
  public record Asked(long number, String id, long sentAtNanos, long endedAtNanos, Reply reply) {

    public boolean hasFailed() {
      return reply.status() != 200;
    }

    public long promptTokens() {
      return hasFailed() ? 0 : reply.promptTokens();
    }

    public long cachedTokens() {
      return hasFailed() ? 0 : reply.cachedTokens();
    }

    @Override
    public String toString() {
      return "%s: status %d, %s".formatted(id, reply.status(), reply.body());
    }
  }

  /**
   * Begins to send until it is closed.
   *
   * @param prompts by number, from 0
   */
  public static SteadyLoad start(Client gateway, int perSecond, LongFunction<Prompt> prompts) {
    var load = new SteadyLoad(gateway, perSecond, Long.MAX_VALUE, Integer.MAX_VALUE, prompts);
    load.sender.start();
    return load;
  }

  /**
   * Sends as many, and returns when all have been answered. Waits for answers while too many are
   * outstanding, so that a machine that is busy is asked more slowly.
   */
  public static List<Asked> run(
      Client gateway, int perSecond, int requests, LongFunction<Prompt> prompts) {
    var load = new SteadyLoad(gateway, perSecond, requests, MAX_UNANSWERED, prompts);
    load.sender.start();
    load.awaitEnd();
    return load.answered();
  }

  /** Waits until this many more requests have been sent and answered, or have failed. */
  public void awaitMore(int count) {
    long target = sent.get() + count;
    Awaitility.await().atMost(60, TimeUnit.SECONDS).until(() -> answered.size() >= target);
  }

  /** All that have ended. */
  public List<Asked> answered() {
    return List.copyOf(answered);
  }

  private void send() {
    List<Thread> asking = new ArrayList<>();
    long startedAt = System.nanoTime();
    for (long number = 0; number < most && !closing; number++) {
      long due = startedAt + number * paceNanos;
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      unanswered.acquireUninterruptibly();
      long next = number;
      sent.incrementAndGet();
      asking.add(Thread.startVirtualThread(() -> answer(next)));
    }
    asking.forEach(SteadyLoad::join);
  }

  private void answer(long number) {
    answered.add(ask(number));
    unanswered.release();
  }

  private Asked ask(long number) {
    String id = name + '-' + number;
    long sentAt = System.nanoTime();
    Reply reply;
    try {
      reply = gateway.chat(prompts.apply(number), "x-request-id", id);
    } catch (UncheckedIOException brokenOff) {
      reply = new Reply(0, 0, Map.of(), brokenOff.toString());
    }
    return new Asked(number, id, sentAt, System.nanoTime(), reply);
  }

  /** Sends no more, and waits for the answers that are to come. */
  @Override
  public void close() {
    closing = true;
    awaitEnd();
  }

  private void awaitEnd() {
    join(sender);
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
