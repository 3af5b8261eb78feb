package ai.llmd.epp.adapter.admin;

import ai.llmd.epp.application.DecisionRecord;
import ai.llmd.epp.application.DecisionRing;
import ai.llmd.epp.domain.calls.NonFatal;
import ai.llmd.epp.domain.pool.EndpointId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what happens to those who watch the live page, as server-sent events: {@code decisions}
 * twice a second, {@code pool} each second, {@code status} every two. One thread renders each frame
 * once for all watchers with the same filter; while nobody watches there is no thread, and nothing
 * is computed.
 *
 * <p>Bounds: {@value #MAX_WATCHERS} watchers, {@value LiveWatcher#MAX_FRAMES} frames for each,
 * {@value #MAX_LISTED} decisions in a frame. A watcher that does not read is dropped.
 */
final class LiveFeed {

  private static final Logger log = LoggerFactory.getLogger(LiveFeed.class);

  /** Watchers at once; what comes above is answered 503. */
  static final int MAX_WATCHERS = 64;

  /** Decisions listed in one frame; the number of the others is sent. */
  static final int MAX_LISTED = 40;

  /** Decisions that a watcher is shown at first. */
  private static final int MAX_BACKLOG = 100;

  private static final Duration TICK = Duration.ofMillis(500);
  private static final int POOL_EVERY = 2; // ticks
  private static final int STATUS_EVERY = 4;

  private final LiveView view;
  private final DecisionRing ring;
  private final Duration tick;

  // guarded by this
  private final List<LiveWatcher> watchers = new ArrayList<>();
  private @Nullable Thread ticker;

  // the ticker's
  private long seen;
  private final Map<EndpointId, Integer> picks = new HashMap<>();

  LiveFeed(LiveView view, DecisionRing ring) {
    this(view, ring, TICK);
  }

  /**
   * @param tick between two looks at the decisions
   */
  LiveFeed(LiveView view, DecisionRing ring, Duration tick) {
    this.view = view;
    this.ring = ring;
    this.tick = tick;
  }

  /** Begins to watch; empty when there are too many watchers. The watcher has to be closed. */
  Optional<LiveWatcher> watch(DecisionFilter filter) {
    LiveWatcher watcher = new LiveWatcher(filter, this::leave);
    synchronized (this) {
      if (watchers.size() >= MAX_WATCHERS) {
        return Optional.empty();
      }
      watchers.add(watcher); // holds a place; gets nothing from the ticker before its beginning
    }
    try {
      begin(watcher);
    } catch (RuntimeException e) {
      watcher.close();
      throw e;
    }
    return Optional.of(watcher);
  }

  private void begin(LiveWatcher watcher) {
    DecisionRing.News news = ring.since(0);
    watcher.offer(frame("status", LiveJson.status(view.status())));
    watcher.offer(frame("pool", LiveJson.pool(view.pool(), Map.of())));
    watcher.offer(frame("decisions", listed(watcher.filter(), new Rendered(news), MAX_BACKLOG, 0)));
    synchronized (this) {
      watcher.beginAfter(news.sequence());
      if (ticker == null) {
        seen = news.sequence();
        picks.clear();
        ticker = Thread.ofVirtual().name("live-page").start(this::run);
      }
    }
  }

  private synchronized void leave(LiveWatcher watcher) {
    watchers.remove(watcher);
    notifyAll(); // the last one ends the ticker
  }

  /** Watchers now. */
  synchronized int watchers() {
    return watchers.size();
  }

  /** Whether anything is computed. */
  synchronized boolean isRunning() {
    return ticker != null;
  }

  private void run() {
    try {
      for (long count = 1; awaitTick(); count++) {
        attempt(count);
      }
    } finally {
      ended(Thread.currentThread());
    }
  }

  private void attempt(long count) {
    try {
      tick(count);
    } catch (Throwable thrown) {
      RuntimeException failure = NonFatal.orThrow(thrown);
      log.atError().setCause(NonFatal.origin(failure)).log("live page not updated");
    }
  }

  /** After an end that was not planned, the next watcher has another one begin. */
  private synchronized void ended(Thread thread) {
    if (ticker == thread) {
      ticker = null;
    }
  }

  /** Returns false when the last watcher has gone. */
  private synchronized boolean awaitTick() {
    long end = System.nanoTime() + tick.toNanos();
    try {
      long left = tick.toNanos();
      while (left > 0 && !watchers.isEmpty()) {
        wait(Math.max(1, left / 1_000_000));
        left = end - System.nanoTime();
      }
    } catch (InterruptedException e) {
      ticker = null;
      return false;
    }
    if (watchers.isEmpty()) {
      ticker = null;
    }
    return ticker != null;
  }

  private void tick(long count) {
    List<LiveWatcher> all;
    synchronized (this) {
      all = watchers.stream().filter(LiveWatcher::hasBegun).toList();
    }
    DecisionRing.News news = ring.since(seen);
    long since = seen;
    seen = news.sequence();
    count(news.newestFirst());
    sendDecisions(all, new Rendered(news), news.sequence() - since);
    if (count % POOL_EVERY == 0) {
      send(all, frame("pool", LiveJson.pool(view.pool(), picks)));
      picks.clear();
    }
    if (count % STATUS_EVERY == 0) {
      send(all, frame("status", LiveJson.status(view.status())));
    }
  }

  private void count(List<DecisionRecord> decisions) {
    for (DecisionRecord decision : decisions) {
      if (!decision.endpoints().isEmpty()) {
        picks.merge(decision.endpoints().getFirst().id(), 1, Integer::sum);
      }
    }
  }

  private static void sendDecisions(List<LiveWatcher> all, Rendered rendered, long decided) {
    Map<DecisionFilter, byte[]> frames = new HashMap<>();
    for (LiveWatcher watcher : all) {
      if (watcher.isAfter(rendered.news().sequence())) {
        continue; // it began with these
      }
      watcher.offer(
          frames.computeIfAbsent(
              watcher.filter(),
              filter -> frame("decisions", listed(filter, rendered, MAX_LISTED, decided))));
    }
  }

  private static void send(List<LiveWatcher> all, byte[] frame) {
    all.forEach(watcher -> watcher.offer(frame));
  }

  /** Decisions, each rendered once, when it is first asked for. */
  private record Rendered(DecisionRing.News news, Map<Integer, String> texts) {

    Rendered(DecisionRing.News news) {
      this(news, new HashMap<>());
    }

    String text(int index) {
      return texts.computeIfAbsent(
          index,
          at -> {
            JsonWriter json = new JsonWriter();
            LiveJson.decision(json, news.newestFirst().get(at), news.sequence() - at);
            return json.toString();
          });
    }
  }

  /**
   * The newest decisions that a filter lets through, the newest first.
   *
   * @param decided how many there were at all
   */
  private static String listed(DecisionFilter filter, Rendered rendered, int most, long decided) {
    List<DecisionRecord> decisions = rendered.news().newestFirst();
    StringBuilder listed = new StringBuilder();
    int matching = 0;
    int refused = 0;
    for (int i = 0; i < decisions.size(); i++) {
      refused += decisions.get(i).refusal() == null ? 0 : 1;
      if (filter.matches(decisions.get(i)) && ++matching <= most) {
        listed.append(listed.isEmpty() ? "" : ",").append(rendered.text(i));
      }
    }
    return "{\"decided\":%d,\"refused\":%d,\"more\":%d,\"listed\":[%s]}"
        .formatted(decided, refused, Math.max(0, matching - most), listed);
  }

  /** One event; JSON has no line break of its own. */
  private static byte[] frame(String event, String json) {
    return ("event: " + event + "\ndata: " + json + "\n\n").getBytes(StandardCharsets.UTF_8);
  }
}
