package ai.llmd.epp.benchmark;

import ai.llmd.epp.application.LivePool;
import ai.llmd.epp.application.health.PoolHealth;
import ai.llmd.epp.domain.calls.PluginFaults;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.routing.ResponseHead;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.Termination;
import ai.llmd.epp.domain.routing.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

/** What the health of endpoints costs a request while all are healthy. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EndpointHealthBenchmark {

  private static final ResponseSummary SERVED =
      new ResponseSummary(Termination.NATURAL, Usage.NONE, false, 0, 0, 0, 0);

  @Param({"10", "100"})
  public int endpoints;

  private final ResponseHead ok = new Ok();
  private PoolHealth health =
      new PoolHealth(System::nanoTime, endpoint -> {}, () -> {}, endpoint -> 0);
  private Candidates candidates = Candidates.of(0, List.of());
  private int next;

  @Setup
  public void prepare() {
    health = new PoolHealth(System::nanoTime, endpoint -> {}, () -> {}, endpoint -> 0);
    LivePool pool = new LivePool("p", List.of(), PluginFaults.IGNORED);
    pool.observe(List.of(health));
    List<Endpoint> all = new ArrayList<>(endpoints);
    for (int i = 0; i < endpoints; i++) {
      all.add(Endpoint.of(new EndpointId("ns", "pod-" + i), "192.0.2.1", 8000 + i, Map.of()));
    }
    pool.keep(all);
    candidates = pool.current().candidates();
  }

  /** Which candidates are worth the request. */
  @Benchmark
  public Candidates narrow() {
    return health.eligible(candidates, System.nanoTime());
  }

  /** All of it: also what the response teaches. */
  @Benchmark
  public @Nullable ResponseObserver request() {
    long now = System.nanoTime();
    Candidates eligible = health.eligible(candidates, now);
    ResponseObserver observer = health.picked(eligible.get(next++ % eligible.size()), now);
    if (observer != null) {
      observer.onHeaders(ok);
      observer.onEnd(SERVED);
    }
    return observer;
  }

  /** The head of a response that was served. */
  private static final class Ok implements ResponseHead {

    @Override
    public @Nullable String header(String lowerCaseName) {
      return lowerCaseName.equals(":status") ? "200" : null;
    }

    @Override
    public @Nullable String metadata(String namespace, String key) {
      return null;
    }

    @Override
    public boolean hasMetadata(String namespace) {
      return false;
    }

    @Override
    public void set(String name, String value) {}
  }
}
