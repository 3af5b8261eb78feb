package ai.llmd.epp.adapter.kvevents.stream;

import ai.llmd.epp.adapter.kvevents.KvTopic;
import ai.llmd.epp.application.port.out.KvEventFeed;
import ai.llmd.epp.application.port.out.KvStreamStatus;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;
import org.zeromq.ZPoller;

/*
 * One thread does everything: it waits for all sockets, and hands each message to the sink before it takes the next. What
 * it has no time for stays in the sockets, 16 messages each, then in TCP, then with the publisher, which leaves out what it
 * cannot send: a gap in its numbers. While a stream is replayed its live messages wait there, too.
 */
/**
 * Subscribes to the events of model servers: to each endpoint that is added, and to whoever
 * connects to a bound address.
 *
 * <p>Connections come back by themselves, after 0.25 s at first and 5 s at last, whatever ended
 * them. Methods may be called by any thread.
 */
public final class KvEventSubscriber implements KvEventFeed {

  /** Longest message that is received; a connection that sends a longer one is closed. */
  static final long MAX_MESSAGE_BYTES = 16L << 20;

  /** Messages of one socket before the next one's turn. */
  static final int BATCH = 64;

  private static final String BOUND = "bound ";
  private static final int BUFFERED = 16;
  private static final int MAX_REPLAYS = 8;
  private static final int MAX_BOUND_STREAMS = 4096;
  private static final int RECONNECT_MILLIS = 250;
  private static final int MAX_RECONNECT_MILLIS = 5_000;
  private static final long WAIT_MILLIS = 250;
  private static final long SHORT_WAIT_MILLIS = 25; // while messages wait for others

  private final SubscriberSettings settings;
  private final EventSink sink;
  private final LongSupplier nanos;
  private final Runnable tick;
  private final ZContext context = new ZContext();
  private final Selector selector = context.createSelector();
  private final ZPoller poller = new ZPoller(selector);
  private final ConcurrentLinkedQueue<Runnable> changes = new ConcurrentLinkedQueue<>();
  private final Map<String, Subscription> subscriptions = new HashMap<>();
  private final Map<String, LiveStream> boundStreams = new HashMap<>();
  private final Set<LiveStream> holding = new LinkedHashSet<>(); // of the bound ones
  private final Map<String, StreamState> states = new ConcurrentHashMap<>();
  private final Thread thread;
  private final ZMQ.@Nullable Socket bound;
  private final String boundAddress;
  private int opened;
  private boolean isHolding;
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
    this.settings = settings;
    this.sink = sink;
    this.nanos = nanos;
    this.tick = tick;
    this.bound = settings.bindAddress().isEmpty() ? null : boundSocket();
    this.boundAddress = bound == null ? "" : bound.getLastEndpoint();
    thread = Thread.ofPlatform().daemon().name("kv-events").start(this::run);
  }

  /** Where publishers connect to, with the port that was chosen; empty when nowhere. */
  public String boundAddress() {
    return boundAddress;
  }

  @Override
  public void add(String key, String endpoint, String address, String replayAddress) {
    write(() -> subscribe(key, endpoint, address, replayAddress));
  }

  @Override
  public void remove(String key, String endpoint, Runnable ended) {
    write(
        () -> {
          unsubscribe(key, "");
          LiveStream stream = boundStreams.remove(endpoint);
          if (stream != null) {
            states.remove(BOUND + endpoint);
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
      selector.wakeup();
    }
  }

  @Override
  public List<KvStreamStatus> statuses() {
    return states.values().stream().map(StreamState::status).toList();
  }

  @Override
  public void close() {
    isClosed = true;
    selector.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static String model(Frames message) {
    return KvTopic.from("", message.topic()).model();
  }

  private ZMQ.Socket boundSocket() {
    try {
      ZMQ.Socket socket = subscriber();
      socket.bind(settings.bindAddress());
      poller.register(socket, ZPoller.POLLIN);
      return socket;
    } catch (RuntimeException e) {
      context.close();
      throw new IllegalArgumentException("cannot bind " + settings.bindAddress(), e);
    }
  }

  private void run() {
    try {
      while (!isClosed) {
        poller.poll(isHolding ? SHORT_WAIT_MILLIS : WAIT_MILLIS);
        runChanges();
        takeAll();
        tick.run();
      }
    } finally {
      subscriptions.clear();
      context.close();
      hasEnded = true;
      runChanges();
    }
  }

  private void runChanges() {
    for (Runnable change = changes.poll(); change != null; change = changes.poll()) {
      change.run();
    }
  }

  private void takeAll() {
    long now = nanos.getAsLong();
    int replaying = 0;
    isHolding = false;
    for (Subscription each : subscriptions.values()) {
      each.advance(now);
      isHolding |= each.stream.isHolding();
      replaying += each.isReplaying() ? 1 : 0;
    }
    for (Subscription each : subscriptions.values()) {
      if (replaying < MAX_REPLAYS && each.isWaitingForReplay()) {
        each.startReplay(now);
        replaying++;
      }
    }
    takeBound(now);
    holding.removeIf(
        each -> {
          each.release(now);
          return !each.isHolding();
        });
    isHolding |= !holding.isEmpty();
  }

  private void takeBound(long now) {
    ZMQ.Socket socket = bound;
    for (int i = 0; socket != null && i < BATCH; i++) {
      byte[][] frames = Frames.receive(socket);
      if (frames == null) {
        return;
      }
      Frames message = Frames.live(frames);
      if (message != null) {
        takeBound(message, now);
      }
    }
  }

  private void takeBound(Frames message, long now) {
    KvTopic topic = KvTopic.of(message.topic());
    LiveStream stream = boundStreams.get(topic.endpoint());
    if (stream == null) {
      if (boundStreams.size() >= MAX_BOUND_STREAMS) {
        return;
      }
      var state = new StreamState(topic.endpoint(), false, sink, now);
      stream = new LiveStream(state, any -> KvTopic.of(any.topic()).model(), any -> {});
      boundStreams.put(topic.endpoint(), stream);
      states.put(BOUND + topic.endpoint(), state);
    }
    stream.take(message, now);
    if (stream.isHolding()) {
      holding.add(stream);
    }
  }

  private ZMQ.Socket subscriber() {
    ZMQ.Socket socket = context.createSocket(SocketType.SUB);
    socket.setLinger(0);
    socket.setRcvHWM(BUFFERED);
    socket.setMaxMsgSize(MAX_MESSAGE_BYTES);
    socket.setReconnectIVL(RECONNECT_MILLIS);
    socket.setReconnectIVLMax(MAX_RECONNECT_MILLIS);
    socket.setTCPKeepAlive(1);
    socket.setIPv6(true);
    socket.subscribe(settings.topicFilter());
    return socket;
  }

  private void subscribe(String key, String endpoint, String address, String replayAddress) {
    if (hasEnded) {
      return;
    }
    Subscription known = subscriptions.get(key);
    if (known != null && known.is(endpoint, address, replayAddress)) {
      return;
    }
    unsubscribe(key, endpoint);
    Subscription subscription = new Subscription(endpoint, address, replayAddress);
    subscriptions.put(key, subscription);
    states.put(key, subscription.state);
  }

  /** Ends a subscription, and forgets its endpoint unless it stays. */
  private void unsubscribe(String key, String staying) {
    Subscription ended = subscriptions.remove(key);
    states.remove(key);
    if (ended != null) {
      ended.close();
      if (!ended.state.endpoint().equals(staying)) {
        sink.forget(ended.state.endpoint());
      }
    }
  }

  /** One publisher that is connected to. */
  private final class Subscription {

    private final String address;
    private final String replayAddress;
    private final StreamState state;
    private final LiveStream stream;
    private final Connection connection;
    private final List<Frames> held = new ArrayList<>(1); // waits for the replay
    private @Nullable Replay replay;
    private boolean isWaitingForReplay;

    Subscription(String endpoint, String address, String replayAddress) {
      long now = nanos.getAsLong();
      this.address = address;
      this.replayAddress = replayAddress;
      this.state = new StreamState(endpoint, !replayAddress.isEmpty(), sink, now);
      this.stream = new LiveStream(state, KvEventSubscriber::model, this::replayBefore);
      this.connection =
          new Connection(
              context, KvEventSubscriber.this::subscriber, address, "kv-events-" + opened++);
      isWaitingForReplay = state.beginsWithReplay(now);
      if (!isWaitingForReplay) {
        watch();
      }
    }

    boolean is(String endpoint, String otherAddress, String otherReplayAddress) {
      return state.endpoint().equals(endpoint)
          && address.equals(otherAddress)
          && replayAddress.equals(otherReplayAddress);
    }

    boolean isReplaying() {
      return replay != null;
    }

    boolean isWaitingForReplay() {
      return isWaitingForReplay;
    }

    void startReplay(long now) {
      isWaitingForReplay = false;
      replay = new Replay(context, replayAddress, state, now);
      watchReplay(null);
    }

    void advance(long now) {
      checkConnection(now);
      Replay running = replay;
      if (running != null) {
        ZMQ.Socket before = running.socket();
        if (!running.advance(now)) {
          watchReplay(before);
          return;
        }
        unwatch(before);
        running.close();
        replay = null;
        watch();
        List<Frames> waiting = List.copyOf(held);
        held.clear();
        waiting.forEach(message -> stream.take(message, now));
      }
      if (isListening() && state.isReplayDue(now)) {
        waitForReplay();
      }
      if (isListening()) {
        stream.release(now);
      }
      for (int i = 0; i < BATCH && isListening(); i++) {
        byte[][] frames = Frames.receive(connection.socket());
        if (frames == null) {
          return;
        }
        Frames message = Frames.live(frames);
        if (message != null) {
          connection.works();
          stream.take(message, now);
        }
      }
    }

    private boolean isListening() {
      return replay == null && !isWaitingForReplay;
    }

    private void watch() {
      poller.register(connection.socket(), ZPoller.POLLIN);
    }

    private void checkConnection(long now) {
      if (connection.isGivenUp(now)) {
        if (isListening()) {
          poller.unregister(connection.socket());
        }
        connection.reopen();
        if (isListening()) {
          watch();
        }
      }
      state.connection(connection.connected(), connection.isConnected(), now);
    }

    private void replayBefore(Frames message) {
      held.add(message);
      waitForReplay();
    }

    private void waitForReplay() {
      isWaitingForReplay = true;
      poller.unregister(connection.socket());
    }

    @SuppressWarnings("ReferenceEquality") // this very socket
    private void watchReplay(ZMQ.@Nullable Socket before) {
      ZMQ.Socket now = replay == null ? null : replay.socket();
      if (now != before && now != null) {
        unwatch(before);
        poller.register(now, ZPoller.POLLIN);
      }
    }

    private void unwatch(ZMQ.@Nullable Socket watched) {
      if (watched != null) {
        poller.unregister(watched);
      }
    }

    void close() {
      if (replay != null) {
        unwatch(replay.socket());
        replay.close();
      }
      poller.unregister(connection.socket());
      connection.close();
    }
  }
}
