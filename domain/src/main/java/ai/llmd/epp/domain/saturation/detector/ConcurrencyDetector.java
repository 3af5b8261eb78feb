package ai.llmd.epp.domain.saturation.detector;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.InFlightLoad;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.saturation.SaturationDetector;
import ai.llmd.epp.domain.scheduling.Filter;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.state.SharedState;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * Judges fullness by the work in flight.
 *
 * <p>A pool's saturation is its requests in flight over the requests that all its endpoints may
 * have, or the same of tokens; in hybrid mode the mean over the endpoints of the larger share.
 *
 * <p>As a filter it keeps the endpoints whose work is below the limit, raised by the headroom; in
 * hybrid mode below both limits. It may drop all.
 */
public final class ConcurrencyDetector implements SaturationDetector, Filter {

  public static final PluginType<Parameters> TYPE =
      PluginType.withContext(
          "concurrency-detector",
          new Parameters(Mode.REQUESTS, 100, 1_000_000, 0, ""),
          (parameters, context) -> {
            SharedState state = context.service(SharedState.class);
            String producer = parameters.inFlightLoadKey().producer();
            // looked up anew each time: the producer may come later, or be replaced
            return new ConcurrencyDetector(
                parameters, slotCount -> state.ledger(producer).inFlight(slotCount));
          });

  /**
   * What counts as full.
   *
   * @param concurrencyMode which work counts
   * @param maxConcurrency requests in flight at which an endpoint is full, above 0
   * @param maxTokenConcurrency tokens in flight at which an endpoint is full, above 0
   * @param headroom share by which the filter raises the limits, 0 or more
   * @param inFlightLoadProducerName instance whose counts are read; empty means {@link
   *     InFlightLoad#DEFAULT_PRODUCER}
   */
  public record Parameters(
      Mode concurrencyMode,
      long maxConcurrency,
      long maxTokenConcurrency,
      double headroom,
      String inFlightLoadProducerName) {

    public Parameters {
      if (maxConcurrency <= 0) {
        throw new IllegalArgumentException("maxConcurrency must be above 0, was " + maxConcurrency);
      }
      if (maxTokenConcurrency <= 0) {
        throw new IllegalArgumentException(
            "maxTokenConcurrency must be above 0, was " + maxTokenConcurrency);
      }
      if (!(headroom >= 0)) { // also refuses NaN
        throw new IllegalArgumentException("headroom must be 0 or more, was " + headroom);
      }
    }

    private FactKey<InFlightLoad> inFlightLoadKey() {
      return InFlightLoad.keyOrDefault(inFlightLoadProducerName);
    }
  }

  /** Which work counts. */
  public enum Mode {
    REQUESTS("requests"),
    TOKENS("tokens"),
    HYBRID("hybrid");

    private final String label;

    Mode(String label) {
      this.label = label;
    }

    @Override
    public String toString() {
      return label;
    }
  }

  private final Parameters parameters;
  private final IntFunction<InFlightLoad> inFlightNow;
  private final FactKey<InFlightLoad> key;

  /** The work of one full endpoint; a share in hybrid mode. */
  private final double full;

  private final long requestLimit;
  private final long tokenLimit;

  /**
   * @param inFlightNow the work in flight at the moment of the call, for that many slots; asked
   *     before a request has facts
   */
  public ConcurrencyDetector(Parameters parameters, IntFunction<InFlightLoad> inFlightNow) {
    this.parameters = parameters;
    this.inFlightNow = inFlightNow;
    this.key = parameters.inFlightLoadKey();
    this.full =
        switch (parameters.concurrencyMode()) {
          case REQUESTS -> parameters.maxConcurrency();
          case TOKENS -> parameters.maxTokenConcurrency();
          case HYBRID -> 1;
        };
    this.requestLimit = raised(parameters.maxConcurrency(), parameters.headroom());
    this.tokenLimit = raised(parameters.maxTokenConcurrency(), parameters.headroom());
  }

  private static long raised(long limit, double headroom) {
    return (long) (limit * (1 + headroom));
  }

  @Override
  public double saturation(Candidates candidates, long nowNanos) {
    if (candidates.isEmpty()) {
      return 1;
    }
    InFlightLoad inFlight = inFlightNow.apply(candidates.slotCount());
    double work = 0; // a sum before any division, so that exactly full is exactly 1
    for (int i = 0; i < candidates.size(); i++) {
      int slot = candidates.get(i).slot();
      work += work((double) inFlight.requests(slot), (double) inFlight.tokens(slot));
    }
    return work / (candidates.size() * full);
  }

  @Override
  public double shareOfRequest(int endpoints) {
    return parameters.concurrencyMode() == Mode.TOKENS
        ? 0
        : 1 / ((double) parameters.maxConcurrency() * endpoints);
  }

  private double work(double requests, double tokens) {
    return switch (parameters.concurrencyMode()) {
      case REQUESTS -> requests;
      case TOKENS -> tokens;
      case HYBRID ->
          Math.max(
              requests / parameters.maxConcurrency(), tokens / parameters.maxTokenConcurrency());
    };
  }

  @Override
  public Candidates filter(SchedulingCycle cycle) {
    InFlightLoad inFlight = cycle.facts().get(key);
    if (inFlight == null) {
      return cycle.candidates(); // nothing in flight: below any limit, as each is 1 or more
    }
    return cycle
        .candidates()
        .where(c -> hasRoom(inFlight.requests(c.slot()), inFlight.tokens(c.slot())));
  }

  private boolean hasRoom(long requests, long tokens) {
    return switch (parameters.concurrencyMode()) {
      case REQUESTS -> requests < requestLimit;
      case TOKENS -> tokens < tokenLimit;
      case HYBRID -> requests < requestLimit && tokens < tokenLimit;
    };
  }

  @Override
  public Set<FactKey<?>> requires() {
    return Set.of(key);
  }
}
