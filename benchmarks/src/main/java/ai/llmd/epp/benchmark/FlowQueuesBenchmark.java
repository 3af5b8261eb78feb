package ai.llmd.epp.benchmark;

import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.flow.BandSettings;
import ai.llmd.epp.domain.flow.FairnessPolicy;
import ai.llmd.epp.domain.flow.FlowQueues;
import ai.llmd.epp.domain.flow.FlowSettings;
import ai.llmd.epp.domain.flow.OrderingPolicy;
import ai.llmd.epp.domain.flow.QueuedRequest;
import ai.llmd.epp.domain.flow.fairness.GlobalStrictFairness;
import ai.llmd.epp.domain.flow.fairness.ProgramAwareFairness;
import ai.llmd.epp.domain.flow.fairness.RoundRobinFairness;
import ai.llmd.epp.domain.flow.limit.StaticUsageLimit;
import ai.llmd.epp.domain.flow.ordering.EdfOrdering;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One request more and one less, while 100,000 are queued in 1,000 flows. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class FlowQueuesBenchmark {

  private static final int REQUESTS = 100_000;
  private static final int FLOWS = 1_000;
  private static final long TTL = 3_600_000_000_000L;

  @Param({"global-strict", "round-robin", "program-aware"})
  public String fairness = "";

  private final Random random = new Random(7);
  private final String[] flows = new String[FLOWS];
  private long now;

  @SuppressWarnings("NullAway.Init") // JMH calls setUp first
  private FlowQueues queues;

  @Setup
  public void setUp() {
    FairnessPolicy policy =
        switch (fairness) {
          case "round-robin" -> new RoundRobinFairness();
          case "program-aware" ->
              new ProgramAwareFairness(ProgramAwareFairness.TYPE.defaults(), () -> now);
          default -> new GlobalStrictFairness();
        };
    OrderingPolicy ordering = new EdfOrdering();
    var band =
        new BandSettings(
            REQUESTS * 2L,
            Long.MAX_VALUE,
            TTL,
            new Named<>(fairness, fairness, policy),
            new Named<>("edf", "edf", ordering));
    var limit = new StaticUsageLimit(StaticUsageLimit.TYPE.defaults());
    queues =
        new FlowQueues(
            new FlowSettings(
                0, 0, TTL, new Named<>("static", "static", limit), Map.of(0, band), band, band),
            PluginCalls.timedBy(() -> now));
    for (int i = 0; i < FLOWS; i++) {
      flows[i] = "flow-" + i;
    }
    for (int i = 0; i < REQUESTS; i++) {
      offer();
    }
  }

  private void offer() {
    now += 1_000;
    queues.offer(
        new QueuedRequest(flows[random.nextInt(FLOWS)], 0, 1_000, now, QueuedRequest.NEVER), now);
  }

  @Benchmark
  public @Nullable QueuedRequest oneMoreAndOneLess() {
    offer();
    return queues.next(0, now);
  }
}
