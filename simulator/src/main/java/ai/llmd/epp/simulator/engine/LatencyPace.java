package ai.llmd.epp.simulator.engine;

/** Every sequence follows its own alarms; they slow each other down by the load factor only. */
final class LatencyPace implements Pace {

  private final Timeline timeline;
  private final LatencyModel latencies;
  private final Batch batch;

  LatencyPace(Timeline timeline, LatencyModel latencies, Batch batch) {
    this.timeline = timeline;
    this.latencies = latencies;
    this.batch = batch;
  }

  @Override
  public void started(Sequence sequence) {
    Job job = sequence.job();
    sequence.dueNanos = timeline.nanoTime();
    schedule(
        sequence,
        latencies.firstTokenNanos(
            job.promptTokens().length,
            sequence.cachedTokens(),
            job.hasRemotePrefill(),
            batch.running()));
  }

  @Override
  public void ended(Sequence sequence) {} // its alarm is cancelled already

  /** From the moment it was due and not from now, so that a late alarm delays one token only. */
  private void schedule(Sequence sequence, long delayNanos) {
    sequence.dueNanos += delayNanos;
    long waitNanos = Math.max(0, sequence.dueNanos - timeline.nanoTime());
    sequence.alarm = timeline.after(waitNanos, () -> emit(sequence));
  }

  private void emit(Sequence sequence) {
    long delayNanos = 0;
    while (delayNanos == 0) { // without a latency an answer is one step, not one alarm per token
      if (!batch.emit(sequence)) {
        return;
      }
      delayNanos = latencies.interTokenNanos(batch.running());
    }
    schedule(sequence, delayNanos);
  }
}
