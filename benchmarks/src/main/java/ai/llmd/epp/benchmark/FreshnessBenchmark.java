package ai.llmd.epp.benchmark;

import ai.llmd.epp.domain.health.Standstill;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.pool.EndpointLoad.ReadTimes;
import ai.llmd.epp.domain.pool.EndpointLoad.Reported;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.pool.Freshness;
import ai.llmd.epp.domain.pool.PoolSnapshot;
import ai.llmd.epp.domain.pool.SampleAge;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

/**
 * What it costs to freeze the loads of a pool for a request, with and without leaving out what is
 * too old. The clock stands still, so that samples stay as old as they are.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FreshnessBenchmark {

  private static final long NOW = TimeUnit.HOURS.toNanos(1);
  private static final long SAMPLED_AT = NOW - TimeUnit.MILLISECONDS.toNanos(30);
  private static final long LONG_AGO = NOW - TimeUnit.MINUTES.toNanos(1);
  private static final Freshness TWO_SECONDS =
      Freshness.within(Duration.ofSeconds(2), SampleAge.BY_CLOCK);

  @Param({"10", "100", "1000"})
  public int endpoints;

  private PoolSnapshot fresh = PoolSnapshot.empty("p");
  private PoolSnapshot missing = PoolSnapshot.empty("p");
  private final Standstill standstill = new Standstill();
  private final EndpointLoad load = load(SAMPLED_AT);
  private long sampledAt = NOW;

  @Setup
  public void prepare() {
    fresh = pool(load(SAMPLED_AT));
    missing = pool(load(LONG_AGO)); // forgotten by the first that asks
  }

  private PoolSnapshot pool(EndpointLoad load) {
    List<EndpointState> members = new ArrayList<>(endpoints);
    for (int i = 0; i < endpoints; i++) {
      Endpoint endpoint =
          Endpoint.of(new EndpointId("ns", "pod-" + i), "192.0.2.1", 8000 + i, Map.of());
      EndpointState member = new EndpointState(i, 1, endpoint);
      member.publish(ignored -> load);
      members.add(member);
    }
    return PoolSnapshot.of("p", members);
  }

  /** A load of which the cache use was last read at one time, the rest a moment ago. */
  private static EndpointLoad load(long cacheUseReadAt) {
    Reported known = new Reported(true, true, true, false);
    ReadTimes readAt =
        ReadTimes.of(SAMPLED_AT, SAMPLED_AT, cacheUseReadAt, ReadTimes.NEVER, Map.of(), known);
    return new EndpointLoad(
        2, 5, 0.5, Set.of(), Set.of(), 0, 16, 4096, Map.of(), SAMPLED_AT, true, known, readAt);
  }

  /** However old they are, as in the reference. */
  @Benchmark
  public Candidates ofAnyAge() {
    return fresh.candidates(Freshness.ANY_AGE, NOW);
  }

  /** All values are young enough. */
  @Benchmark
  public Candidates allFresh() {
    return fresh.candidates(TWO_SECONDS, NOW);
  }

  /** Each endpoint has a value that was too old, and was forgotten. */
  @Benchmark
  public Candidates oneForgottenEach() {
    return missing.candidates(TWO_SECONDS, NOW);
  }

  /** What each poll costs to notice figures that stand still. */
  @Benchmark
  public boolean standstill() {
    sampledAt += TimeUnit.MILLISECONDS.toNanos(50);
    return standstill.sampled(load, 3, sampledAt);
  }
}
