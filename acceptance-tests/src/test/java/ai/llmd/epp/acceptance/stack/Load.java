package ai.llmd.epp.acceptance.stack;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongFunction;
import org.awaitility.Awaitility;

/** Clients that send one chat completion after the other until they are closed. */
public final class Load implements AutoCloseable {

  private static final int CLIENTS = 4;

  private final Client gateway;
  private final LongFunction<Prompt> prompts;
  private final String[] headers;
  private final AtomicLong sent = new AtomicLong();
  private final ConcurrentLinkedQueue<Answered> answered = new ConcurrentLinkedQueue<>();
  private final List<Thread> clients = new ArrayList<>();
  private final ReadWriteLock underWay = new ReentrantReadWriteLock(true);
  private volatile boolean closing;

  private Load(Client gateway, LongFunction<Prompt> prompts, String... headers) {
    this.gateway = gateway;
    this.prompts = prompts;
    this.headers = headers;
  }

  /**
   * One request's end.
   *
   * @param number the place of the request among all, in the order in which they were sent
   */
  public record Answered(long number, Reply reply) {}

  /** A few clients with short questions. */
  public static Load on(Client gateway) {
    return on(gateway, CLIENTS, number -> Prompt.plain("Question " + number, 3));
  }

  /**
   * As many clients.
   *
   * @param prompts by the number of the request, from 0
   * @param headers names and values in turns, of each request
   */
  public static Load on(
      Client gateway, int clients, LongFunction<Prompt> prompts, String... headers) {
    Load load = new Load(gateway, prompts, headers);
    for (int i = 0; i < clients; i++) {
      load.clients.add(Thread.startVirtualThread(load::sendUntilClosed));
    }
    return load;
  }

  /** Requests sent so far; later ones have this number or a higher one. */
  public long sent() {
    return sent.get();
  }

  /** Waits until this many more requests have been answered. */
  public Load awaitMore(int count) {
    int target = answered.size() + count;
    Awaitility.await().until(() -> answered.size() >= target);
    return this;
  }

  /** Does this while no request is under way: those that are end before it, others wait for it. */
  public void whileNothingIsUnderWay(Runnable done) {
    underWay.writeLock().lock();
    try {
      done.run();
    } finally {
      underWay.writeLock().unlock();
    }
  }

  /** Requests that a model server has answered so far. */
  public int served() {
    return (int) answered.stream().filter(a -> a.reply().status() == 200).count();
  }

  /** Answers to the requests sent at {@code number} or later. */
  public List<Reply> repliesFrom(long number) {
    return answered.stream().filter(a -> a.number() >= number).map(Answered::reply).toList();
  }

  private void sendUntilClosed() {
    while (!closing) {
      long number = sent.getAndIncrement();
      underWay.readLock().lock();
      try {
        answered.add(new Answered(number, ask(number)));
      } finally {
        underWay.readLock().unlock();
      }
    }
  }

  private Reply ask(long number) {
    try {
      return gateway.chat(prompts.apply(number), headers);
    } catch (UncheckedIOException brokenOff) {
      return new Reply(0, 0, Map.of(), brokenOff.toString());
    }
  }

  @Override
  public void close() {
    closing = true;
    for (Thread client : clients) {
      try {
        client.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
