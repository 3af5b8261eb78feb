package ai.llmd.epp.adapter.kvevents.stream;

import ai.llmd.epp.adapter.kvevents.KvTopic;
import ai.llmd.epp.application.port.out.kvcache.KvCursor;
import ai.llmd.epp.application.port.out.kvcache.KvEventFeed;
import ai.llmd.epp.application.port.out.kvcache.KvFeedFigures;
import ai.llmd.epp.application.port.out.kvcache.KvStreamStatus;
import ai.llmd.epp.zmtp.LargeMessages;
import ai.llmd.epp.zmtp.ZmtpAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/*
 * Each connection has a virtual thread that reads. One thread does everything else: it waits for their inboxes, and hands each
 * message to the sink before it takes the next. What it has no time for stays in the inboxes, then in TCP, then with the
 * publisher, which leaves out what it cannot send: a gap in its numbers. While a stream is replayed its live messages wait there,
 * too; that a connection was lost and came back is noted in its place among them.
 */
/**
 * Subscribes to the events of model servers: to each endpoint that is added, and to whoever
 * connects to a bound address.
 *
 * <p>Connections come back by themselves, after 0.25 s at first and 5 s at last, whatever ended
 * them. Methods may be called by any thread.
 */
public final class KvEventSubscriber implements KvEventFeed {

  private static final Logger log = LoggerFactory.getLogger(KvEventSubscriber.class);

  /** Longest message that is received; a connection that sends a longer one is closed. */
  static final int MAX_MESSAGE_BYTES = 16 << 20;

  /** All connections to servers share it: a sixteenth of the heap, and two at least. */
  static final LargeMessages LARGE_MESSAGES = largeMessages(16, 2);

  private static final String BOUND = KvFeedFigures.BOUND + " ";
  private static final int MAX_REPLAYS = 8;
  private static final int MAX_BOUND_STREAMS = 4096;
  private static final long WAIT_NANOS = 250_000_000;
  private static final long SHORT_WAIT_NANOS = 25_000_000; // while messages wait for others

  private final byte[] topicFilter;
  private final EventSink sink;
  private final LongSupplier nanos;
  private final Runnable tick;
  private final ConcurrentLinkedQueue<Runnable> changes = new ConcurrentLinkedQueue<>();
  private final Map<String, Subscription> subscriptions = new HashMap<>();
  private final Map<String, LiveStream> boundStreams = new HashMap<>();
  private final Set<Subscription> waitingForReplay = new LinkedHashSet<>();
  private final ThreadShare boundShare;
  private final Set<LiveStream> holding = new LinkedHashSet<>(); // of the bound ones
  private final Map<String, Watched> watched = new ConcurrentHashMap<>();
  private final LongAdder strayMessages = new LongAdder();
  private final Thread thread;
  private final @Nullable BoundSocket bound;
  private boolean isHolding;
  private boolean isMoreWaiting; // in an inbox that had its turn
  private volatile boolean isReplaying;
  private volatile boolean isClosed;
  private volatile boolean hasEnded;

  /**
   * Starts listening.
   *
   * @param nanos the time, in the manner of {@link System#nanoTime}
   * @param tick runs on the thread on which the sink is called, several times a second
   * @throws IllegalArgumentException if the bind address cannot be used
   */
  public KvEventSubscriber(
      SubscriberSettings settings, EventSink sink, LongSupplier nanos, Runnable tick) {
    this.topicFilter = settings.topicFilter().getBytes(StandardCharsets.UTF_8);
    this.sink = sink;
    this.nanos = nanos;
    this.tick = tick;
    this.boundShare = new ThreadShare(nanos);
    this.bound = settings.bindAddress().isEmpty() ? null : bound(settings.bindAddress());
    thread = Thread.ofPlatform().daemon().name("kv-events").unstarted(this::run);
    thread.start();
  }

  /** Where publishers connect to, with the port that was chosen; empty when nowhere. */
  public String boundAddress() {
    return bound == null ? "" : bound.address();
  }

  @Override
  public void add(String key, String endpoint, String address, String replayAddress) {
    var publisher = Subscription.Publisher.of(endpoint, address, replayAddress);
    write(() -> subscribe(key, publisher));
  }

  @Override
  public void remove(String key, String endpoint, Runnable ended) {
    write(
        () -> {
          unsubscribe(key, "");
          LiveStream stream = boundStreams.remove(endpoint);
          if (stream != null) {
            watched.remove(BOUND + endpoint);
            holding.remove(stream);
            sink.forget(endpoint);
          }
          ended.run();
        });
  }

  @Override
  public void write(Runnable change) {
    changes.add(change);
    if (hasEnded) {
      runChanges(); // whoever waits for it must not wait for ever
    } else {
      wake();
    }
  }

  @Override
  public @Nullable KvCursor cursor(String endpoint) {
    LiveStream stream = boundStreams.get(endpoint);
    if (stream != null) {
      return stream.state().cursor();
    }
    Subscription subscription = subscriptionOf(endpoint);
    return subscription == null ? null : subscription.state().cursor();
  }

  @Override
  public Resumption resume(String endpoint, KvCursor cursor) {
    long now = nanos.getAsLong();
    Subscription subscription = subscriptionOf(endpoint);
    boolean isBound = bound != null && (subscription == null || boundStreams.containsKey(endpoint));
    if (!isBound) {
      return subscription == null ? Resumption.KEEP : resume(subscription, cursor, now);
    }
    LiveStream stream = boundStream(endpoint, now);
    return stream == null ? Resumption.KEEP : stream.state().resume(cursor, now);
  }

  private Resumption resume(Subscription subscription, KvCursor cursor, long now) {
    Resumption resumption = subscription.resume(cursor, now);
    isReplaying |= subscription.isWaitingForReplay();
    return resumption;
  }

  private @Nullable Subscription subscriptionOf(String endpoint) {
    for (Subscription each : subscriptions.values()) {
      if (each.state().endpoint().equals(endpoint)) {
        return each;
      }
    }
    return null;
  }

  @Override
  public boolean isReplaying() {
    return isReplaying;
  }

  @Override
  public List<KvStreamStatus> statuses() {
    return watched.values().stream().map(each -> each.state().status()).toList();
  }

  @Override
  public KvFeedFigures figures() {
    Map<String, KvFeedFigures.Publisher> publishers = new HashMap<>();
    long waiting = bound == null ? 0 : bound.waiting();
    for (Map.Entry<String, Watched> entry : watched.entrySet()) {
      Link live = entry.getValue().live();
      publishers.put(
          entry.getKey(),
          new KvFeedFigures.Publisher(
              entry.getValue().state().status(),
              live == null ? 0 : live.connectErrors(),
              live == null ? 0 : live.receiveErrors()));
      waiting += live == null ? 0 : live.waiting();
    }
    long refused = bound == null ? 0 : bound.refused();
    return new KvFeedFigures(publishers, waiting, strayMessages.sum(), refused);
  }

  @Override
  public void close() {
    isClosed = true;
    wake();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** As many as fit a part of the heap, and at least so many. */
  static LargeMessages largeMessages(int partOfHeap, int least) {
    long fitting = Runtime.getRuntime().maxMemory() / partOfHeap / MAX_MESSAGE_BYTES;
    return new LargeMessages(Math.toIntExact(Math.max(least, fitting)), Duration.ofSeconds(10));
  }

  static String model(Frames message) {
    return KvTopic.from("", message.topic()).model();
  }

  private BoundSocket bound(String address) {
    try {
      return new BoundSocket(
          ZmtpAddress.of(address), topicFilter, BoundSocket.MAX_CONNECTIONS, this::wake);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot bind " + address, e);
    }
  }

  private void wake() {
    LockSupport.unpark(thread);
  }

  private void run() {
    if (bound != null) {
      bound.start();
    }
    try {
      while (!isClosed) {
        if (!isMoreWaiting) {
          LockSupport.parkNanos(this, isHolding ? SHORT_WAIT_NANOS : WAIT_NANOS);
        }
        turn();
      }
    } finally {
      subscriptions.values().forEach(Subscription::close);
      subscriptions.clear();
      if (bound != null) {
        bound.close();
      }
      hasEnded = true;
      runChanges();
    }
  }

  /** What fails is left out, so that whatever a publisher sends ends no other's stream. */
  private void turn() {
    try {
      runChanges();
      takeAll();
      tick.run();
    } catch (RuntimeException e) {
      isMoreWaiting = false; // what fails again does so a few times a second
      log.error("KV events: part of them is lost", e);
    }
  }

  private void runChanges() {
    for (Runnable change = changes.poll(); change != null; change = changes.poll()) {
      change.run();
    }
  }

  private void takeAll() {
    long now = nanos.getAsLong();
    isHolding = false;
    isMoreWaiting = false;
    for (Subscription each : subscriptions.values()) {
      each.advance(now);
      isHolding |= each.isHolding();
      isMoreWaiting |= each.isMoreWaiting();
      if (each.isWaitingForReplay()) {
        waitingForReplay.add(each); // behind those that have waited longer
      }
    }
    isReplaying = replay(now) > 0;
    takeBound(now);
    holding.removeIf(
        each -> {
          each.release(now);
          return !each.isHolding();
        });
    isHolding |= !holding.isEmpty();
  }

  /**
   * Has some streams replayed at a time: each as long as it takes while no other waits, otherwise
   * for its turn. Returns how many are.
   */
  private int replay(long now) {
    int replaying = 0;
    for (Subscription each : subscriptions.values()) {
      replaying += each.isReplaying() ? 1 : 0;
    }
    if (replaying == MAX_REPLAYS) {
      replaying -= pauseReplays(waitingForReplay.size(), now);
    }
    Iterator<Subscription> next = waitingForReplay.iterator();
    while (replaying < MAX_REPLAYS && next.hasNext()) {
      next.next().startReplay(now);
      next.remove();
      replaying++;
    }
    return replaying;
  }

  /** Returns how many are paused, at most so many. */
  private int pauseReplays(int most, long now) {
    int paused = 0;
    for (Subscription each : subscriptions.values()) {
      if (paused < most && each.hasHadItsTurn(now)) {
        each.pauseReplay(now);
        paused++;
      }
    }
    return paused;
  }

  private void takeBound(long now) {
    if (bound == null) {
      return;
    }
    boolean mayBeMore = true;
    if (boundShare.begin()) {
      try {
        for (int i = 0; mayBeMore && i < Subscription.BATCH && !boundShare.isSpent(); i++) {
          mayBeMore = isBoundTaken(bound, now);
        }
      } finally {
        boundShare.end();
      }
    }
    isMoreWaiting |= mayBeMore;
  }

  /** Takes the next message of those who connect to us; false when there is none. */
  private boolean isBoundTaken(BoundSocket from, long now) {
    Received received = from.poll();
    if (received == null) {
      return false;
    }
    Frames message = Frames.live(received.frames());
    if (message == null || !isTakenBound(message, now)) {
      strayMessages.increment();
    }
    return true;
  }

  /** False for a message of no endpoint that is known. */
  private boolean isTakenBound(Frames message, long now) {
    KvTopic topic = KvTopic.of(message.topic());
    LiveStream stream = boundStream(topic.endpoint(), now);
    if (stream == null) {
      return false;
    }
    stream.received();
    stream.take(message, now);
    if (stream.isHolding()) {
      holding.add(stream);
    }
    return true;
  }

  /** Null for an endpoint that is not known: a stream stays until its endpoint leaves the pool. */
  private @Nullable LiveStream boundStream(String endpoint, long now) {
    LiveStream known = boundStreams.get(endpoint);
    if (known != null || boundStreams.size() >= MAX_BOUND_STREAMS || !sink.knows(endpoint)) {
      return known;
    }
    var state = new StreamState(endpoint, false, sink, now);
    var stream = new LiveStream(state, any -> KvTopic.of(any.topic()).model(), any -> {});
    boundStreams.put(endpoint, stream);
    watched.put(BOUND + endpoint, new Watched(state, null));
    return stream;
  }

  private void subscribe(String key, Subscription.Publisher publisher) {
    if (hasEnded) {
      return;
    }
    Subscription known = subscriptions.get(key);
    if (known != null && known.publisher().equals(publisher)) {
      return;
    }
    unsubscribe(key, publisher.endpoint());
    var subscription = new Subscription(publisher, topicFilter, sink, nanos, this::wake);
    subscriptions.put(key, subscription);
    watched.put(key, new Watched(subscription.state(), subscription.live()));
  }

  /** Ends a subscription, and forgets its endpoint unless it stays. */
  private void unsubscribe(String key, String staying) {
    Subscription ended = subscriptions.remove(key);
    watched.remove(key);
    if (ended != null) {
      ended.close();
      waitingForReplay.remove(ended);
      if (!ended.state().endpoint().equals(staying)) {
        sink.forget(ended.state().endpoint());
      }
    }
  }

  /**
   * What any thread may look at.
   *
   * @param live null for a publisher that connects to us
   */
  private record Watched(StreamState state, @Nullable Link live) {}
}
