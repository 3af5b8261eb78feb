package ai.llmd.epp.simulator.engine;

import ai.llmd.epp.simulator.engine.Submission.Accepted;
import ai.llmd.epp.simulator.engine.Submission.Refusal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A simulated inference engine: takes jobs, runs a bounded number at a time and reports when each
 * token exists.
 *
 * <p>Jobs start in order of arrival, with two rules from vLLM: one whose adapter finds no slot is
 * overtaken by those that need none, and one whose prompt finds no room in the KV cache stops all
 * behind it. Between two calls from outside nothing waits that could run.
 *
 * <p>Belongs to one thread, the one that runs its {@link Timeline}. Given the same jobs at the same
 * times and the same random numbers, it does the same.
 */
public final class Engine {

  private final Capacity capacity;
  private final Timeline timeline;
  private final EngineObserver observer;
  private final CacheObserver cacheObserver;
  private final Pace pace;
  private final PrefixCache cache;
  private final AdapterSlots adapters;
  private final Deque<Sequence> waiting = new ArrayDeque<>();
  private int running;
  private boolean hasBeenAsked;

  /**
   * @param costs costs of iterations in a batch; null lets every sequence follow the latencies
   */
  public Engine(
      Capacity capacity,
      LatencyModel latencies,
      @Nullable BatchCosts costs,
      Timeline timeline,
      EngineObserver observer) {
    this(capacity, latencies, costs, timeline, observer, CacheObserver.NONE);
  }

  /** The same, with its prefix cache observed. */
  public Engine(
      Capacity capacity,
      LatencyModel latencies,
      @Nullable BatchCosts costs,
      Timeline timeline,
      EngineObserver observer,
      CacheObserver cacheObserver) {
    this.cacheObserver = cacheObserver;
    this.capacity = capacity;
    this.timeline = timeline;
    this.observer = observer;
    this.cache = new PrefixCache(capacity.cacheBlocks(), cacheObserver::removed);
    this.adapters = new AdapterSlots(capacity.maxAdapters());
    this.pace =
        costs == null
            ? new LatencyPace(timeline, latencies, new RunningBatch())
            : new BatchPace(timeline, costs, latencies, new RunningBatch());
  }

  /** Takes a job if it can; it may run at once, but the listener is called later. */
  public Submission submit(Job job, GenerationListener listener) {
    hasBeenAsked = true;
    Sequence sequence = new Sequence(job, chainOf(job, new int[0]), listener, timeline.nanoTime());
    if (sequence.chain.length > capacity.cacheBlocks()) {
      return Refusal.EXCEEDS_CACHE;
    }
    waiting.addLast(sequence);
    startWaiting();
    if (waiting.size() > capacity.maxWaiting()) {
      waiting.removeLast(); // the new one: nothing else can have entered
      return Refusal.QUEUE_FULL;
    }
    return new Accepted(sequence);
  }

  /** Ends a sequence early; its listener is not called any more. Does nothing when it has ended. */
  public void abort(Sequence sequence) {
    if (sequence.isWaiting()) {
      waiting.remove(sequence);
      sequence.end();
      startWaiting(); // it may have stood before one that fits
    } else if (sequence.isRunning()) {
      leave(sequence, FinishReason.ABORT);
      startWaiting();
    }
  }

  /** Empties the prefix cache; what runs goes on. */
  public void clearCache() {
    cache.clear();
    cacheObserver.cleared();
  }

  /** Whether any job has come. */
  public boolean hasBeenAsked() {
    return hasBeenAsked;
  }

  /** Sequences that run now. */
  public int running() {
    return running;
  }

  /** Sequences that wait now. */
  public int waiting() {
    return waiting.size();
  }

  /** Share of cache blocks in use by running sequences, within {@code [0, 1]}. */
  public double cacheUtilization() {
    return (double) cache.pinned() / capacity.cacheBlocks();
  }

  /** Adapters of the running sequences, sorted. */
  public Set<String> runningAdapters() {
    return adapters.inUse();
  }

  /** Adapters of the waiting sequences, sorted. */
  public Set<String> waitingAdapters() {
    Set<String> names = new TreeSet<>();
    for (Sequence sequence : waiting) {
      String adapter = sequence.job().adapter();
      if (adapter != null) {
        names.add(adapter);
      }
    }
    return names;
  }

  private void startWaiting() {
    Iterator<Sequence> queue = waiting.iterator();
    while (running < capacity.maxRunning() && queue.hasNext()) {
      Sequence next = queue.next();
      if (!cache.fits(next.chain)) {
        return;
      }
      if (adapters.canStart(next.job().adapter())) {
        queue.remove();
        start(next);
      }
    }
  }

  private void start(Sequence sequence) {
    Job job = sequence.job();
    int promptTokens = job.promptTokens().length;
    // one token at least is computed, or there would be nothing to sample from; whole blocks only
    int usableBlocks = (promptTokens - 1) / capacity.blockTokens();
    int present = cache.leadingHits(sequence.chain);
    int cachedTokens = Math.min(present, usableBlocks) * capacity.blockTokens();
    cache.pin(sequence.chain);
    if (present < sequence.chain.length) {
      cacheObserver.stored(job, sequence.chain, present);
    }
    adapters.started(job.adapter());
    running++;
    sequence.start(cachedTokens, timeline.nanoTime());
    observer.started(sequence);
    if ((double) cachedTokens / promptTokens < job.cacheHitThreshold()) {
      sequence.alarm = timeline.after(0, () -> finish(sequence, FinishReason.CACHE_THRESHOLD));
    } else {
      pace.started(sequence);
    }
  }

  private void finish(Sequence sequence, FinishReason reason) {
    leave(sequence, reason);
    sequence.listener.finished(reason, sequence.cachedTokens());
    startWaiting();
  }

  private void leave(Sequence sequence, FinishReason reason) {
    sequence.end();
    running--;
    adapters.ended(sequence.job().adapter());
    cache.unpin(sequence.chain);
    if (capacity.cachesGenerated() && sequence.isComplete()) {
      keepGenerated(sequence);
    }
    pace.ended(sequence);
    observer.ended(sequence, reason);
  }

  private void keepGenerated(Sequence sequence) {
    long[] chain = chainOf(sequence.job(), sequence.job().outputTokens());
    if (chain.length > sequence.chain.length && cache.fits(chain)) {
      int present = cache.leadingHits(chain);
      cache.pin(chain);
      cache.unpin(chain);
      if (present < chain.length) {
        cacheObserver.stored(sequence.job(), chain, present);
      }
    }
  }

  private long[] chainOf(Job job, int[] outputTokens) {
    return capacity.cachesPrefixes()
        ? TokenBlocks.of(
            job.model(),
            capacity.hashSeed(),
            capacity.blockTokens(),
            job.promptTokens(),
            outputTokens)
        : new long[0];
  }

  private final class RunningBatch implements Pace.Batch {

    @Override
    public int running() {
      return running;
    }

    @Override
    public boolean emit(Sequence sequence) {
      if (!sequence.isComplete()) {
        observer.token(sequence, sequence.emit(timeline.nanoTime()));
        sequence.listener.token();
      }
      if (sequence.isRunning() && sequence.isComplete()) {
        finish(sequence, sequence.job().finishReason());
      }
      return sequence.isRunning();
    }
  }
}
