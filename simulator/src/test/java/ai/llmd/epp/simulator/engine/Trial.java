package ai.llmd.epp.simulator.engine;

import ai.llmd.epp.simulator.engine.Latencies.Calculator;
import ai.llmd.epp.simulator.engine.Submission.Accepted;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** An engine in simulated time that writes down what happens. */
final class Trial implements EngineObserver {

  static final int BLOCK = 16;

  final SimulatedTime time = new SimulatedTime();
  final Engine engine;
  final List<String> trace = new ArrayList<>();
  final LatencyModel latencies;
  int mostRunning;

  Trial(Capacity capacity, Latencies latencies, @Nullable BatchCosts costs, long seed) {
    this.latencies = new LatencyModel(latencies, capacity.maxRunning(), new Random(seed));
    this.engine = new Engine(capacity, this.latencies, costs, time, this);
  }

  static Trial of(Capacity capacity, Latencies latencies) {
    return new Trial(capacity, latencies, null, 1);
  }

  static Trial batching(Capacity capacity) {
    BatchCosts costs =
        new BatchCosts(
            Duration.ofMillis(5), Duration.ofNanos(50_000), Duration.ofNanos(200_000), 2048);
    return new Trial(capacity, Latencies.ZERO, costs, 1);
  }

  static Capacity capacity(int maxRunning, int maxWaiting, int cacheBlocks) {
    return new Capacity(maxRunning, maxWaiting, 1, cacheBlocks, BLOCK, true, false, 0);
  }

  static Latencies perToken(Duration prefillPerToken, Duration interToken) {
    return new Latencies(
        Delay.NONE,
        new Delay(interToken, Duration.ZERO),
        Delay.NONE,
        Duration.ZERO,
        prefillPerToken,
        Duration.ZERO,
        Duration.ZERO,
        Duration.ZERO,
        1,
        Calculator.PER_TOKEN,
        false);
  }

  /** A prompt of tokens that no other first token leads to. */
  static int[] prompt(int first, int tokens) {
    int[] prompt = new int[tokens];
    for (int i = 0; i < tokens; i++) {
      prompt[i] = first * 1_000_003 + i;
    }
    return prompt;
  }

  static Job job(int[] prompt, int outputTokens) {
    return new Job("m", null, prompt, prompt(-1, outputTokens), FinishReason.STOP, false, 0);
  }

  static Job adapterJob(String adapter) {
    return new Job(adapter, adapter, prompt(1, 20), prompt(2, 2), FinishReason.STOP, false, 0);
  }

  Outcome submit(Job job) {
    Outcome outcome = new Outcome(time.nanoTime());
    outcome.submission = engine.submit(job, outcome);
    mostRunning = Math.max(mostRunning, engine.running());
    return outcome;
  }

  /** Submits and lets it end. */
  Outcome complete(Job job) {
    Outcome outcome = submit(job);
    time.run();
    return outcome;
  }

  @Override
  public void started(Sequence sequence) {
    mostRunning = Math.max(mostRunning, engine.running());
    trace.add(time.nanoTime() + " started, cached " + sequence.cachedTokens());
  }

  @Override
  public void token(Sequence sequence, long sincePreviousNanos) {
    trace.add(time.nanoTime() + " token after " + sincePreviousNanos);
  }

  @Override
  public void ended(Sequence sequence, FinishReason reason) {
    trace.add(time.nanoTime() + " " + reason);
  }

  /** What one client receives. */
  final class Outcome implements GenerationListener {
    final long submittedNanos;
    @Nullable Submission submission;
    @Nullable FinishReason reason;
    int cachedTokens;
    final List<Long> tokensAtNanos = new ArrayList<>();

    Outcome(long submittedNanos) {
      this.submittedNanos = submittedNanos;
    }

    Sequence sequence() {
      if (submission instanceof Accepted(Sequence sequence)) {
        return sequence;
      }
      throw new AssertionError("not accepted: " + submission);
    }

    /** Nanoseconds from the submission to the first token. */
    long firstTokenNanos() {
      return tokensAtNanos.getFirst() - submittedNanos;
    }

    @Override
    public void token() {
      tokensAtNanos.add(time.nanoTime());
    }

    @Override
    public void finished(FinishReason reason, int cachedTokens) {
      this.reason = reason;
      this.cachedTokens = cachedTokens;
    }
  }
}
