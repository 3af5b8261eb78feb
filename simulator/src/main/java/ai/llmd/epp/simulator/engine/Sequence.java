package ai.llmd.epp.simulator.engine;

import ai.llmd.epp.simulator.engine.Timeline.Alarm;
import org.jspecify.annotations.Nullable;

/**
 * A job on its way through the engine. Times are of the engine's timeline, in nanoseconds. Belongs
 * to the engine's thread.
 */
public final class Sequence {

  private enum State {
    WAITING,
    RUNNING,
    ENDED
  }

  final GenerationListener listener;
  final long[] chain;

  /** What happens to it next, if that is a matter of time; set by the pace. */
  @Nullable Alarm alarm;

  /** Prompt tokens still to compute; used by the batch pace. */
  int uncomputedTokens;

  /** When the next token is due; used by the latency pace. */
  long dueNanos;

  private final Job job;
  private final long arrivedNanos;
  private State state = State.WAITING;
  private int cachedTokens;
  private int emittedTokens;
  private long startedNanos;
  private long firstTokenNanos;
  private long lastNanos;

  Sequence(Job job, long[] chain, GenerationListener listener, long nowNanos) {
    this.job = job;
    this.chain = chain;
    this.listener = listener;
    this.arrivedNanos = nowNanos;
    this.lastNanos = nowNanos;
  }

  public Job job() {
    return job;
  }

  /** Prompt tokens found in the cache when it started. */
  public int cachedTokens() {
    return cachedTokens;
  }

  /** Output tokens so far. */
  public int emittedTokens() {
    return emittedTokens;
  }

  public long arrivedNanos() {
    return arrivedNanos;
  }

  public long startedNanos() {
    return startedNanos;
  }

  /** Meaningless before the first token. */
  public long firstTokenNanos() {
    return firstTokenNanos;
  }

  /** Time of the last token; of the arrival before the first. */
  public long lastNanos() {
    return lastNanos;
  }

  boolean isWaiting() {
    return state == State.WAITING;
  }

  boolean isRunning() {
    return state == State.RUNNING;
  }

  boolean isComplete() {
    return emittedTokens >= job.outputTokens().length;
  }

  void start(int cachedTokens, long nowNanos) {
    this.state = State.RUNNING;
    this.cachedTokens = cachedTokens;
    this.uncomputedTokens = job.promptTokens().length - cachedTokens;
    this.startedNanos = nowNanos;
  }

  /** Counts a token and returns the nanoseconds since the one before. */
  long emit(long nowNanos) {
    long gap = nowNanos - lastNanos;
    if (emittedTokens++ == 0) {
      firstTokenNanos = nowNanos;
    }
    lastNanos = nowNanos;
    return gap;
  }

  void end() {
    state = State.ENDED;
    if (alarm != null) {
      alarm.cancel();
      alarm = null;
    }
  }
}
