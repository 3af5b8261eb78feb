package ai.llmd.epp.simulator.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * All sequences move together, one iteration after the other, as in an engine with continuous
 * batching and chunked prefill.
 *
 * <p>An iteration computes prompt tokens in order of arrival, up to a limit, and one token of every
 * sequence that is past its prompt. {@link BatchCosts} computes how long that takes, so a long
 * prompt slows down whoever generates beside it. The iteration that computes the last of a prompt
 * yields its first token. Who starts during an iteration takes part in the next.
 */
final class BatchPace implements Pace {

  private final Timeline timeline;
  private final BatchCosts costs;
  private final LatencyModel latencies;
  private final Batch batch;
  private final List<Sequence> prefilling = new ArrayList<>();
  private final List<Sequence> decoding = new ArrayList<>();
  private final List<Sequence> yielding = new ArrayList<>(); // get a token when the iteration ends
  private boolean isIterating;

  BatchPace(Timeline timeline, BatchCosts costs, LatencyModel latencies, Batch batch) {
    this.timeline = timeline;
    this.costs = costs;
    this.latencies = latencies;
    this.batch = batch;
  }

  @Override
  public void started(Sequence sequence) {
    if (sequence.job().hasRemotePrefill()) {
      long transferNanos = latencies.transferNanos(sequence.job().promptTokens().length);
      sequence.uncomputedTokens = 0;
      sequence.alarm = timeline.after(transferNanos, () -> join(sequence));
    } else {
      join(sequence);
    }
  }

  @Override
  public void ended(Sequence sequence) {
    prefilling.remove(sequence);
    decoding.remove(sequence);
  }

  private void join(Sequence sequence) {
    prefilling.add(sequence);
    if (!isIterating) {
      iterate();
    }
  }

  private void iterate() {
    isIterating = !prefilling.isEmpty() || !decoding.isEmpty();
    if (isIterating) {
      yielding.addAll(decoding);
      int prefillTokens = prefill();
      long nanos = costs.iterationNanos(prefillTokens, decoding.size());
      timeline.after(nanos, this::endIteration);
    }
  }

  /** Spends the iteration's prompt tokens; whoever is through moves on. */
  private int prefill() {
    int left = costs.maxPrefillTokens();
    for (Sequence sequence : prefilling) {
      int taken = Math.min(left, sequence.uncomputedTokens);
      sequence.uncomputedTokens -= taken;
      left -= taken;
      if (sequence.uncomputedTokens == 0) {
        yielding.add(sequence);
      }
    }
    return costs.maxPrefillTokens() - left;
  }

  private void endIteration() {
    for (Sequence sequence : yielding) {
      if (sequence.isRunning() && prefilling.remove(sequence)) {
        decoding.add(sequence);
      }
    }
    for (Sequence sequence : yielding) {
      if (sequence.isRunning()) {
        batch.emit(sequence);
      }
    }
    yielding.clear();
    iterate();
  }
}
