package ai.llmd.epp.benchmark;

import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.scheduling.ProfileHandler;
import ai.llmd.epp.domain.scheduling.Scheduler;
import ai.llmd.epp.domain.scheduling.Scheduler.Verdict;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.SchedulingProfile;
import ai.llmd.epp.domain.scheduling.SchedulingProfile.WeightedScorer;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.handler.SingleProfileHandler;
import ai.llmd.epp.domain.scheduling.picker.MaxScorePicker;
import ai.llmd.epp.domain.scheduling.scorer.KvCacheUtilizationScorer;
import ai.llmd.epp.domain.scheduling.scorer.PrefixCacheScorer;
import ai.llmd.epp.domain.scheduling.scorer.QueueScorer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Score and pick with the default set: queue 2, kv-cache 2, prefix 3. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class SchedulingBenchmark {

  private static final int BLOCKS = 100;

  @Param({"10", "100", "1000"})
  public int endpoints;

  private final Scheduler scheduler =
      new Scheduler(
          List.of(
              new SchedulingProfile(
                  "default",
                  List.of(),
                  List.of(
                      weighted("queue-scorer", new QueueScorer(), 2),
                      weighted("kv-cache-utilization-scorer", new KvCacheUtilizationScorer(), 2),
                      weighted(
                          "prefix-cache-scorer",
                          new PrefixCacheScorer(PrefixCacheScorer.TYPE.defaults()),
                          3)),
                  new Named<>(
                      "max-score-picker",
                      "max-score-picker",
                      new MaxScorePicker(MaxScorePicker.TYPE.defaults())))),
          new Named<ProfileHandler>(
              "single-profile-handler", "single-profile-handler", new SingleProfileHandler()),
          PluginCalls.timedBy(System::nanoTime));
  private final Random random = new Random(3);
  private Candidates candidates = Candidates.of(0, List.of());
  private Facts facts = new Facts();

  private static WeightedScorer weighted(String type, Scorer scorer, double weight) {
    return new WeightedScorer(new Named<>(type, type, scorer), weight);
  }

  @Setup
  public void prepare() {
    List<Candidate> all = new ArrayList<>(endpoints);
    int[] matched = new int[endpoints];
    for (int slot = 0; slot < endpoints; slot++) {
      EndpointLoad load =
          new EndpointLoad(
              random.nextInt(10),
              5,
              random.nextDouble(),
              Set.of(),
              Set.of(),
              0,
              0,
              0,
              Map.of(),
              0,
              true);
      EndpointId id = new EndpointId("default", "pod-" + slot);
      all.add(new Candidate(slot, Endpoint.of(id, "10.0.0.1", 8000, Map.of()), load));
      matched[slot] = random.nextInt(BLOCKS);
    }
    candidates = Candidates.of(endpoints, all);
    facts = new Facts();
    facts.put(
        PrefixMatches.keyOrDefault(""),
        PrefixMatches.uniform(matched, BLOCKS, Prompts.BLOCK_TOKENS));
  }

  @Benchmark
  public Verdict schedule() {
    return scheduler.schedule(
        new SchedulingCycle(Requests.WITHOUT_PROMPT, candidates, facts, random, System.nanoTime()));
  }

  private static final class Requests {
    static final ai.llmd.epp.domain.request.InferenceRequest WITHOUT_PROMPT =
        Prompts.request(Bodies.chat(300));
  }
}
