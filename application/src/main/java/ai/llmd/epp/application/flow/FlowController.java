package ai.llmd.epp.application.flow;

import ai.llmd.epp.application.LivePool;
import ai.llmd.epp.application.flow.WaitingRequest.End;
import ai.llmd.epp.application.port.in.ShareQueues;
import ai.llmd.epp.application.port.out.FlowObserver;
import ai.llmd.epp.application.port.out.ThreadObserver;
import ai.llmd.epp.application.threads.ThreadGuard;
import ai.llmd.epp.domain.calls.NonFatal;
import ai.llmd.epp.domain.calls.PluginFaults;
import ai.llmd.epp.domain.flow.BandLoad;
import ai.llmd.epp.domain.flow.FairnessPolicy;
import ai.llmd.epp.domain.flow.FlowOutcome;
import ai.llmd.epp.domain.flow.FlowQueues;
import ai.llmd.epp.domain.flow.FlowQueues.Fill;
import ai.llmd.epp.domain.flow.FlowQueues.Offer;
import ai.llmd.epp.domain.flow.PoolStages;
import ai.llmd.epp.domain.flow.QueuedRequest;
import ai.llmd.epp.domain.flow.eviction.RunningRequest;
import ai.llmd.epp.domain.flow.ordering.SloDeadlineOrdering;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.request.InferenceRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Lets requests pass while the pool has room, and queues them otherwise. It lives as long as the
 * program; a new configuration changes its rules, and those who wait go on waiting.
 *
 * <p>The queues have one writer at a time, whoever holds the lock: threads of requests that have to
 * wait, or have waited, and the dispatcher, which runs a cycle every millisecond as long as a
 * request waits, and not at all otherwise. A request that may pass at once takes no lock: it may
 * when none waits in its band or a higher one, and no ceiling is reached from the highest band down
 * to its own. That is the decision that a cycle would come to.
 *
 * <p>A request that has had its turn shows in the saturation a little later. Until its route is
 * decided it is counted here, so that a detector that knows what one request adds is never
 * exceeded.
 */
public final class FlowController implements ShareQueues, AutoCloseable {

  private static final String THREAD = "flow-dispatch";
  private static final long TICK_NANOS = 1_000_000;
  private static final long LONGEST_PAUSE_NANOS = 60_000_000_000L;
  private static final long NONE_WAITS = Long.MIN_VALUE;

  /**
   * What a request finds.
   *
   * @param isOpen whether it may pass
   */
  record Entry(int band, boolean isOpen, double saturation, double ceiling) {}

  private final LivePool pool;
  private final PluginFaults faults;
  private final FlowObserver observer;
  private final LongSupplier nanoClock;
  private final long startedAt;
  private final ThreadGuard guard;
  private final Thread dispatcher;
  private final AtomicInteger unsettled = new AtomicInteger(); // had their turn, do not show yet
  private final Evictions evictions;

  private volatile PublishedRules open;
  private volatile long highestWaiting = NONE_WAITS;
  private volatile long waitingRequests;
  private volatile long waitingBytes;
  private volatile boolean isStopped;

  private final ReentrantLock lock = new ReentrantLock();
  private final FlowQueues queues; // guarded by lock
  private final ReleasePace pace = new ReleasePace(); // guarded by lock
  private final PeerQueues peers = new PeerQueues(); // guarded by lock
  private FlowRules rules; // guarded by lock
  private volatile Runnable shareChange = () -> {};
  private final AtomicBoolean hasQueuesChanged = new AtomicBoolean();

  /**
   * @param faults receives failures of policies and detectors
   * @param nanoClock as {@link System#nanoTime()}
   */
  public FlowController(
      FlowRules rules,
      LivePool pool,
      PluginFaults faults,
      FlowObserver observer,
      ThreadObserver threads,
      LongSupplier nanoClock) {
    this.rules = rules;
    this.pool = pool;
    this.faults = faults;
    this.observer = observer;
    this.nanoClock = nanoClock;
    this.startedAt = nanoClock.getAsLong();
    this.queues = new FlowQueues(rules.settings(), faults);
    this.open = new PublishedRules(rules, queues.priorities());
    this.evictions = new Evictions(rules.graceNanos(), observer);
    this.guard = new ThreadGuard(THREAD, threads);
    this.dispatcher = Thread.ofPlatform().daemon().name(THREAD).unstarted(this::dispatch);
  }

  /**
   * Has other replicas know what is queued here.
   *
   * @param change run when that has changed; any thread, cheap
   */
  public void shareWith(Runnable change) {
    shareChange = change;
  }

  @Override
  public boolean takeQueuesChanged() {
    return hasQueuesChanged.getAndSet(false);
  }

  @Override
  public Map<Integer, BandLoad> queued() {
    Map<Integer, BandLoad> all = new HashMap<>();
    lock.lock();
    try {
      queues.fills(
          fill -> {
            if (fill.requests() > 0) {
              all.put(fill.priority(), new BandLoad(fill.requests(), fill.bytes()));
            }
          });
    } finally {
      lock.unlock();
    }
    return all;
  }

  @Override
  public void queuedElsewhere(long peer, int priority, BandLoad load) {
    lock.lock();
    try {
      peers.put(peer, priority, load);
      queues.queuedElsewhere(peers.sums());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void peerGone(long peer) {
    lock.lock();
    try {
      peers.forget(peer);
      queues.queuedElsewhere(peers.sums());
    } finally {
      lock.unlock();
    }
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
    return open.rules().isEvicting();
  }

  FairnessPolicy fairness(int band) {
    return open.rules().settings().band(band).fairness().plugin();
  }

  /**
   * Whether a request may pass at once; if so it counts as having had its turn, until {@link
   * #settled}. Takes no lock.
   */
  Entry enter(int priority, long bytes) {
    PublishedRules current = open;
    int band = current.bandOf(priority);
    int before = unsettled.getAndIncrement(); // first: see PoolStages.measure
    double saturation = measure(current.rules(), before).effective();
    double[] ceilings = new double[current.priorities().length];
    current.rules().settings().limit(saturation, current.priorities(), ceilings, faults);
    double ceiling = 1;
    boolean isBelow = true;
    for (int i = 0; i < ceilings.length && current.priorities()[i] >= band; i++) {
      ceiling = ceilings[i];
      isBelow &= saturation < ceiling;
    }
    boolean isOpen =
        isBelow && !isStopped && band > highestWaiting && hasRoom(current, band, bytes);
    if (!isOpen) {
      unsettled.getAndDecrement();
    }
    return new Entry(band, isOpen, saturation, ceiling);
  }

  /** Even one that passes has to fit into the queues. */
  private boolean hasRoom(PublishedRules current, int band, long bytes) {
    var settings = current.rules().settings();
    return bytes <= settings.band(band).maxBytes()
        && (settings.maxBytes() == 0 || bytes <= settings.maxBytes() - waitingBytes)
        && (settings.maxRequests() == 0 || waitingRequests < settings.maxRequests());
  }

  private PoolStages measure(FlowRules current, int more) {
    Candidates candidates = pool.current().candidates();
    try {
      return PoolStages.measure(
          current.detector().plugin(), candidates, nanoClock.getAsLong(), more);
    } catch (Throwable thrown) { // as in admission without queues: it holds nothing up
      faults.failed(
          "SaturationDetector",
          current.detector().name(),
          current.detector().type(),
          NonFatal.orThrow(thrown));
      return new PoolStages(Double.NaN, Double.NaN, 0);
    }
  }

  /** The route of a request that had its turn is decided: what it adds shows from here on. */
  void settled() {
    unsettled.getAndDecrement();
    roomMade();
  }

  /** There may be room for a request that waits. Any thread; blocks on nothing. */
  void roomMade() {
    if (highestWaiting != NONE_WAITS) {
      wake();
    }
  }

  private void wake() {
    LockSupport.unpark(dispatcher);
  }

  /**
   * Waits for a request's turn. Its own thread, a virtual one.
   *
   * @param receivedAt when it came
   * @param queued receives whether it was queued
   * @return what became of it; one that had its turn counts until {@link #settled}
   * @throws InterruptedException when it is not wanted any more; it has given its place up
   */
  End await(InferenceRequest request, long receivedAt, Consumer<FlowOutcome> queued)
      throws InterruptedException {
    WaitingRequest waiting = enqueue(request, receivedAt);
    End early = waiting.end();
    queued.accept(
        early == null || early.outcome() == FlowOutcome.DISPATCHED
            ? FlowOutcome.NOT_YET_FINALIZED
            : early.outcome());
    try {
      return waiting.await();
    } catch (InterruptedException e) {
      giveUp(waiting);
      throw e;
    }
  }

  private WaitingRequest enqueue(InferenceRequest request, long receivedAt) {
    lock.lock();
    try {
      long now = now();
      var waiting =
          new WaitingRequest(
              request.fairnessId(),
              queues.bandOf(request.priority()),
              request.bodyBytes(),
              receivedAt,
              SloDeadlineOrdering.firstTokenDue(request.headers(), receivedAt));
      observePool(now);
      if (isStopped) {
        waiting.finish(new End(FlowOutcome.REJECTED_OTHER, now, 0, null));
      } else if (queues.offer(waiting, now) == Offer.FULL) {
        waiting.finish(full(waiting, now));
      } else {
        cycle(now);
        published();
      }
      wake();
      return waiting;
    } finally {
      lock.unlock();
    }
  }

  private End full(WaitingRequest request, long now) {
    return isPoolEmpty()
        ? new End(FlowOutcome.REJECTED_NO_ENDPOINTS, now, 0, null)
        : new End(
            FlowOutcome.REJECTED_CAPACITY,
            now,
            queues.retryAfterSeconds(request.priority(), request.bytes(), now),
            null);
  }

  private void giveUp(WaitingRequest request) {
    lock.lock();
    try {
      End end = request.end();
      if (end == null) {
        queues.remove(request);
        published();
      } else if (end.outcome() == FlowOutcome.DISPATCHED) {
        unsettled.getAndDecrement();
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
    double saturation = measure(rules, unsettled.get()).effective();
    QueuedRequest next = pace.allows(now) ? queues.next(saturation, now) : null;
    if (next instanceof WaitingRequest waiting) {
      pace.sent();
      unsettled.getAndIncrement();
      waiting.finish(new End(FlowOutcome.DISPATCHED, now, 0, fairness(waiting.priority())));
    } else if (rules.isEvicting() && pace.allows(now)) {
      for (RunningRequest victim : evictions.reclaim(queues, saturation, now)) {
        victim.evict();
      }
    }
    observer.cycle(nanoClock.getAsLong() - began);
    return next != null;
  }

  @SuppressWarnings("ReferenceEquality") // others are other objects
  private void published() {
    if (open.rules() != rules || open.priorities() != queues.priorities()) {
      open = new PublishedRules(rules, queues.priorities());
    }
    if (waitingRequests != queues.requests() || waitingBytes != queues.bytes()) {
      waitingRequests = queues.requests();
      waitingBytes = queues.bytes();
      hasQueuesChanged.set(true);
      shareChange.run();
    }
    Integer highest = queues.highestWaiting();
    highestWaiting = highest == null ? NONE_WAITS : highest;
  }

  private void dispatch() {
    guard.begin();
    while (!isStopped) {
      if (highestWaiting == NONE_WAITS) {
        LockSupport.parkNanos(this, LONGEST_PAUSE_NANOS);
      } else {
        guard.attempt(this::round);
        LockSupport.parkNanos(this, TICK_NANOS);
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
      while (!queues.isEmpty() && cycle(now) && knowsShare()) {
        now = now();
      }
      published();
    } finally {
      lock.unlock();
    }
  }

  /** Whether what was given its turn is in the saturation already. */
  private boolean knowsShare() {
    return rules.detector().plugin().shareOfRequest(1) > 0;
  }

  private void expire(long now) {
    for (QueuedRequest next = queues.expired(now); next != null; next = queues.expired(now)) {
      if (next instanceof WaitingRequest expired) {
        expired.finish(new End(queues.expiryOutcome(expired, now), now, 0, null));
      }
    }
  }

  /** How it is now. */
  public FlowFigures figures() {
    PoolStages stages = measure(open.rules(), 0);
    var detector = open.rules().detector();
    int stale =
        detector.plugin().staleEndpoints(pool.current().candidates(), nanoClock.getAsLong());
    lock.lock();
    try {
      List<Fill> bands = new ArrayList<>();
      queues.fills(bands::add);
      return new FlowFigures(
          stages,
          bands,
          peers.sums(),
          queues.requests(),
          rules.settings().maxRequests(),
          queues.bytes(),
          rules.settings().maxBytes(),
          detector.name(),
          stale,
          evictions.target(),
          evictions.pending());
    } finally {
      lock.unlock();
    }
  }

  /** Requests that wait. */
  public long waiting() {
    return waitingRequests;
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
          waiting.finish(new End(FlowOutcome.EVICTED_OTHER, now, 0, null));
        }
      }
      published();
    } finally {
      lock.unlock();
    }
    wake();
  }
}
