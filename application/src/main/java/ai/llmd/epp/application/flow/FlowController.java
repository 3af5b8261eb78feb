package ai.llmd.epp.application.flow;

import ai.llmd.epp.application.LivePool;
import ai.llmd.epp.application.flow.WaitingRequest.End;
import ai.llmd.epp.application.port.in.ShareQueues;
import ai.llmd.epp.application.port.out.FlowObserver;
import ai.llmd.epp.application.port.out.ThreadObserver;
import ai.llmd.epp.application.threads.ThreadGuard;
import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.flow.FairnessPolicy;
import ai.llmd.epp.domain.flow.FlowOutcome;
import ai.llmd.epp.domain.flow.FlowQueues;
import ai.llmd.epp.domain.flow.FlowQueues.Fill;
import ai.llmd.epp.domain.flow.PoolStages;
import ai.llmd.epp.domain.flow.QueueKey;
import ai.llmd.epp.domain.flow.QueueLoad;
import ai.llmd.epp.domain.flow.QueuedRequest;
import ai.llmd.epp.domain.flow.eviction.RunningRequest;
import ai.llmd.epp.domain.flow.ordering.SloDeadlineOrdering;
import ai.llmd.epp.domain.request.InferenceRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets requests pass while the pool has room, and queues them otherwise. It lives as long as the
 * program; a new configuration changes its rules, and those who wait go on waiting.
 *
 * <p>The queues have one writer at a time, whoever holds the lock: threads of requests that come to
 * the queues or leave them early, and the dispatcher, which runs a cycle every millisecond as long
 * as a request waits, and not at all otherwise. A request that may pass at once takes no lock: it
 * may when none waits in its band or a higher one, and no ceiling is reached from the highest band
 * down to its own. That is the decision that a cycle would come to.
 *
 * <p>A request that has had its turn shows in the saturation a little later. Until its route is
 * decided it is counted here, so that a detector that knows what one request adds is never
 * exceeded.
 */
public final class FlowController implements ShareQueues, AutoCloseable {

  private static final String THREAD = "flow-dispatch";
  private static final long TICK_NANOS = 1_000_000;
  private static final long LONGEST_PAUSE_NANOS = 60_000_000_000L;

  /**
   * What a request finds.
   *
   * @param isOpen whether it may pass
   */
  record Entry(int band, boolean isOpen, double saturation, double ceiling) {}

  private final LivePool pool;
  private final PoolDetector detector;
  private final PluginCalls calls;
  private final FlowObserver observer;
  private final LongSupplier nanoClock;
  private final long startedAt;
  private final ThreadGuard guard;
  private final Thread dispatcher;
  private final AtomicInteger unsettled = new AtomicInteger(); // had their turn, do not show yet
  private final Evictions evictions;

  private volatile boolean isStopped;

  private final ReentrantLock lock = new ReentrantLock();
  private final FlowQueues queues; // guarded by lock
  private final ReleasePace pace = new ReleasePace(); // guarded by lock
  private final PeerQueues peers = new PeerQueues(); // guarded by lock
  private FlowRules rules; // guarded by lock
  private final PublishedQueues view; // published under the lock, read without it
  private final QueueChanges changes = new QueueChanges();

  /**
   * @param calls calls policies and detectors
   * @param nanoClock as {@link System#nanoTime()}
   */
  public FlowController(
      FlowRules rules,
      LivePool pool,
      PluginCalls calls,
      FlowObserver observer,
      ThreadObserver threads,
      LongSupplier nanoClock) {
    this.rules = rules;
    this.pool = pool;
    this.detector = new PoolDetector(pool, calls, nanoClock);
    this.calls = calls;
    this.observer = observer;
    this.nanoClock = nanoClock;
    this.startedAt = nanoClock.getAsLong();
    this.queues = new FlowQueues(rules.settings(), calls);
    this.view = new PublishedQueues(queues, rules);
    this.evictions = new Evictions(rules.graceNanos(), observer);
    this.guard = new ThreadGuard(THREAD, threads);
    this.dispatcher = Thread.ofPlatform().daemon().name(THREAD).unstarted(this::dispatch);
  }

  /**
   * Has other replicas know what is queued here; before any request comes.
   *
   * @param change run when that has changed; any thread, cheap
   */
  public void shareWith(Runnable change) {
    lock.lock();
    try {
      queues.share();
      changes.shareWith(change);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Map<QueueKey, QueueLoad> takeChanged() {
    if (!changes.take()) {
      return Map.of();
    }
    Map<QueueKey, QueueLoad> changed = new HashMap<>();
    lock.lock();
    try {
      queues.takeChanged(now(), changed::put);
      SharedService.takeChanged(view.current(), changed::put);
    } finally {
      lock.unlock();
    }
    return changed;
  }

  @Override
  public Map<QueueKey, QueueLoad> queued() {
    Map<QueueKey, QueueLoad> all = new HashMap<>();
    lock.lock();
    try {
      queues.queued(now(), all::put);
      SharedService.all(view.current(), all::put);
    } finally {
      lock.unlock();
    }
    return all;
  }

  @Override
  public void queuedElsewhere(long peer, Map<QueueKey, QueueLoad> loads) {
    lock.lock();
    try {
      peers.put(peer, loads, now());
      elsewhereChanged(loads.keySet());
      SharedService.elsewhere(rules, peer, loads);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void peerGone(long peer) {
    lock.lock();
    try {
      elsewhereChanged(peers.forget(peer));
      SharedService.gone(view.current(), peer);
    } finally {
      lock.unlock();
    }
  }

  private void elsewhereChanged(Collection<QueueKey> changed) {
    long now = now();
    for (QueueKey key : changed) {
      if (!key.isBand()) {
        queues.queuedElsewhere(key, peers.flow(key, now), now);
      }
    }
    queues.queuedElsewhere(peers.bands(now), now);
    view.publish(rules);
    published();
  }

  /** Starts to give requests that wait their turn. */
  public FlowController start() {
    dispatcher.start();
    return this;
  }

  /** From now on these rules count. */
  public void use(FlowRules next) {
    lock.lock();
    try {
      rules = next;
      evictions.useGrace(next.graceNanos()); // another detector may show it later
      queues.use(next.settings());
      published();
    } finally {
      lock.unlock();
    }
    wake();
  }

  /** From now on there are bands for these priorities as well. */
  public void provision(Set<Integer> priorities) {
    lock.lock();
    try {
      queues.provision(priorities);
      published();
    } finally {
      lock.unlock();
    }
  }

  /** Times count from the start of this controller, so that they are never negative. */
  long now() {
    return nanoClock.getAsLong() - startedAt;
  }

  /** A time of the clock on that scale; one that does not come stays as it is. */
  long sinceStart(long nanos) {
    return nanos == QueuedRequest.NEVER ? nanos : Math.max(0, nanos - startedAt);
  }

  boolean isPoolEmpty() {
    return pool.current().isEmpty();
  }

  FlowObserver observer() {
    return observer;
  }

  Evictions evictions() {
    return evictions;
  }

  boolean isEvicting() {
    return view.rules().isEvicting();
  }

  FairnessPolicy fairness(int band) {
    return view.rules().settings().band(band).fairness().plugin();
  }

  /**
   * Whether a request may pass at once; if so it counts as having had its turn, until {@link
   * #settled}. Takes no lock.
   */
  Entry enter(int priority, long bytes) {
    PublishedRules current = view.current();
    int place = current.placeOf(priority);
    int band = current.priorities()[place];
    int before = unsettled.getAndIncrement(); // first: see PoolStages.measure
    double saturation = detector.measure(current.rules(), before).effective();
    double[] ceilings = new double[current.priorities().length];
    current.rules().settings().limit(saturation, current.priorities(), ceilings, calls);
    double ceiling = 1;
    boolean isBelow = true;
    for (int i = 0; i < ceilings.length && current.priorities()[i] >= band; i++) {
      ceiling = ceilings[i];
      isBelow &= saturation < ceiling;
    }
    boolean isOpen = isBelow && !isStopped && view.mayPass(current, place, bytes);
    if (!isOpen) {
      unsettled.getAndDecrement();
    }
    return new Entry(band, isOpen, saturation, ceiling);
  }

  /** The route of a request that had its turn is decided: what it adds shows from here on. */
  void settled() {
    unsettled.getAndDecrement();
    roomMade();
  }

  /** A request that was let in is over: what its flow was served is known, and there is room. */
  void ended() {
    if (view.current().countsService()) {
      changes.note();
    }
    roomMade();
  }

  /** There may be room for a request that waits. Any thread; blocks on nothing. */
  void roomMade() {
    if (view.isAnyWaiting()) {
      wake();
    }
  }

  private void wake() {
    LockSupport.unpark(dispatcher);
  }

  /**
   * Queues a request, unless it must not wait. On a virtual thread.
   *
   * @param receivedAt when it came
   * @param deadline when it is to be given up at the latest
   * @param whenOver receives what became of it, once, unless this throws; one that had its turn
   *     counts until {@link #settled}
   */
  WaitingRequest enqueue(
      InferenceRequest request, long receivedAt, long deadline, Consumer<End> whenOver) {
    lock.lock();
    try {
      long now = now();
      var waiting =
          new WaitingRequest(
              request.requestId(),
              request.fairnessId(),
              queues.bandOf(request.priority()),
              request.bodyBytes(),
              receivedAt,
              SloDeadlineOrdering.firstTokenDue(request.headers(), receivedAt),
              whenOver);
      offer(waiting, deadline, now);
      wake();
      return waiting;
    } finally {
      lock.unlock();
    }
  }

  private void offer(WaitingRequest request, long deadline, long now) {
    boolean hasFailed = true;
    try {
      observePool(now);
      if (isStopped) {
        request.finish(End.of(FlowOutcome.REJECTED_OTHER, now));
      } else {
        switch (queues.offer(request, now, deadline)) {
          case FULL -> request.finish(full(request, now));
          case TOO_LATE -> request.finish(End.of(FlowOutcome.REJECTED_EXPIRED, now));
          case QUEUED -> {
            cycle(now);
            published();
          }
        }
      }
      hasFailed = false;
    } finally {
      if (hasFailed) {
        queues.remove(request); // it goes on without its turn
      }
    }
  }

  private End full(WaitingRequest request, long now) {
    return isPoolEmpty()
        ? End.of(FlowOutcome.REJECTED_NO_ENDPOINTS, now)
        : End.full(now, queues.retryAfterSeconds(request.priority(), request.bytes(), now));
  }

  /** The client of a request has left: it gives its place up, if it waits. */
  void giveUp(WaitingRequest request) {
    lock.lock();
    try {
      if (request.end() == null) {
        queues.remove(request);
        request.finish(End.of(FlowOutcome.EVICTED_CONTEXT_CANCELLED, now()));
        published();
      }
    } finally {
      lock.unlock();
    }
  }

  private void observePool(long now) {
    int endpoints = pool.current().size();
    queues.observePool(endpoints == 0, now);
    pace.observePool(endpoints, now);
  }

  /** Gives one request its turn if the pool has room; whether it did. */
  private boolean cycle(long now) {
    long began = nanoClock.getAsLong();
    double saturation = detector.measure(rules, unsettled.get()).effective();
    QueuedRequest next = pace.allows(now) ? queues.next(saturation, now) : null;
    if (next instanceof WaitingRequest waiting) {
      pace.sent();
      unsettled.getAndIncrement();
      waiting.finish(End.turn(now, fairness(waiting.priority()), roomTaken(waiting, now)));
    } else if (rules.isEvicting() && pace.allows(now)) {
      for (RunningRequest victim : evictions.reclaim(queues, saturation, now)) {
        victim.evict();
      }
    }
    observer.cycle(nanoClock.getAsLong() - began);
    return next != null;
  }

  private @Nullable String roomTaken(WaitingRequest request, long now) {
    return rules.isEvicting()
        ? evictions.roomTaken(request.priority(), request.requestId(), now)
        : null;
  }

  private void published() {
    if (view.isOutdated(rules)) {
      peers.flows(now(), (flow, load) -> queues.queuedElsewhere(flow, load, now()));
      view.publish(rules);
    }
    if (view.publishQueued()) {
      changes.note();
    }
  }

  private void dispatch() {
    guard.begin();
    while (!isStopped) {
      if (view.isAnyWaiting()) {
        guard.attempt(this::round);
        LockSupport.parkNanos(this, TICK_NANOS);
      } else {
        LockSupport.parkNanos(this, LONGEST_PAUSE_NANOS);
      }
    }
  }

  /** A tick: what has expired goes, and one request has its turn, or as many as surely fit. */
  private void round() {
    lock.lock();
    try {
      long now = now();
      observePool(now);
      expire(now);
      while (!queues.isEmpty() && cycle(now) && detector.knowsShare(rules)) {
        now = now();
      }
      published();
    } finally {
      lock.unlock();
    }
  }

  private void expire(long now) {
    for (QueuedRequest next = queues.expired(now); next != null; next = queues.expired(now)) {
      if (next instanceof WaitingRequest expired) {
        expired.finish(End.of(queues.expiryOutcome(expired, now), now));
      }
    }
  }

  /** How it is now. */
  public FlowFigures figures() {
    FlowRules current = view.rules();
    PoolStages stages = detector.measure(current, 0);
    int stale = detector.staleEndpoints(current);
    lock.lock();
    try {
      List<Fill> bands = new ArrayList<>();
      queues.fills(bands::add);
      return new FlowFigures(
          stages,
          bands,
          peers.bands(now()),
          queues.requests(),
          rules.settings().maxRequests(),
          queues.bytes(),
          rules.settings().maxBytes(),
          current.detector().name(),
          stale,
          evictions.target(),
          evictions.pending());
    } finally {
      lock.unlock();
    }
  }

  /** Requests that wait. */
  public long waiting() {
    return view.requests();
  }

  /** Answers every request that waits, and lets none wait any more. */
  @Override
  public void close() {
    lock.lock();
    try {
      isStopped = true;
      long now = now();
      for (QueuedRequest request : queues.drain()) {
        if (request instanceof WaitingRequest waiting) {
          waiting.finish(End.of(FlowOutcome.EVICTED_OTHER, now));
        }
      }
      published();
    } finally {
      lock.unlock();
    }
    wake();
  }
}
