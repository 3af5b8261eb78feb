package ai.llmd.epp.domain.scheduling.filter;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.InFlightLoad;
import ai.llmd.epp.domain.facts.LoadFields;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.scheduling.Filter;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the endpoints none of whose numbers exceeds its limit. A number that is not known, yet or
 * any more, exceeds none; one that is not a number exceeds every limit.
 */
public final class UtilizationFilter implements Filter {

  public static final PluginType<Parameters> TYPE =
      PluginType.of(
              "utilization-filter", new Parameters(List.of(), false, ""), UtilizationFilter::new)
          .alpha();

  /**
   * The limits, and what happens when they leave none.
   *
   * @param conditions limits, all of which must be kept; one or more
   * @param fallbackOnEmpty whether all endpoints are kept when none keeps every limit
   * @param inFlightLoadProducerName instance whose counts are read for {@code active-requests};
   *     empty means {@link InFlightLoad#DEFAULT_PRODUCER}
   */
  public record Parameters(
      List<Condition> conditions, boolean fallbackOnEmpty, String inFlightLoadProducerName) {

    public Parameters {
      conditions = List.copyOf(conditions);
    }
  }

  /**
   * A limit.
   *
   * @param metric the number that is limited; required
   * @param maxValue highest value that is kept, 0 or more, at most 1 for a utilization; required
   */
  public record Condition(@Nullable Metric metric, @Nullable Double maxValue) {

    public Condition {
      if (metric == null) {
        throw new IllegalArgumentException("metric is required");
      }
      if (maxValue == null) {
        throw new IllegalArgumentException("maxValue is required");
      }
      boolean isShare = metric == Metric.KV_CACHE_UTILIZATION;
      if (!(maxValue >= 0) || (isShare && maxValue > 1)) {
        throw new IllegalArgumentException(
            "maxValue must be " + (isShare ? "within 0 and 1" : "0 or more") + ", was " + maxValue);
      }
    }
  }

  /** What can be limited. */
  public enum Metric {
    /** Requests that were sent to the endpoint and have not come back. */
    ACTIVE_REQUESTS("active-requests"),
    RUNNING_REQUESTS("running-requests"),
    WAITING_QUEUE("waiting-queue"),
    KV_CACHE_UTILIZATION("kv-cache-utilization");

    private final String label;

    Metric(String label) {
      this.label = label;
    }

    @Override
    public String toString() {
      return label;
    }
  }

  private record Limit(Metric metric, double max) {

    static Limit of(Condition condition) {
      return new Limit(
          Objects.requireNonNull(condition.metric()), Objects.requireNonNull(condition.maxValue()));
    }

    boolean allows(Candidate candidate, @Nullable InFlightLoad inFlight) {
      EndpointLoad load = candidate.load();
      EndpointLoad.Reported known = load.reported();
      return switch (metric) {
        case ACTIVE_REQUESTS -> (inFlight == null ? 0 : inFlight.requests(candidate.slot())) <= max;
        case RUNNING_REQUESTS -> !known.runningRequests() || load.runningRequests() <= max;
        case WAITING_QUEUE -> !known.waitingRequests() || load.waitingRequests() <= max;
        case KV_CACHE_UTILIZATION ->
            !known.kvCacheUtilization() || load.kvCacheUtilization() <= max;
      };
    }
  }

  private final Limit[] limits;
  private final boolean fallsBack;
  private final FactKey<InFlightLoad> inFlightKey;

  /**
   * @throws IllegalArgumentException when there is no condition
   */
  public UtilizationFilter(Parameters parameters) {
    if (parameters.conditions().isEmpty()) {
      throw new IllegalArgumentException("conditions is required");
    }
    this.limits = parameters.conditions().stream().map(Limit::of).toArray(Limit[]::new);
    this.fallsBack = parameters.fallbackOnEmpty();
    this.inFlightKey = InFlightLoad.keyOrDefault(parameters.inFlightLoadProducerName());
  }

  @Override
  public Candidates filter(SchedulingCycle cycle) {
    InFlightLoad inFlight = cycle.facts().get(inFlightKey);
    Candidates kept = cycle.candidates().where(candidate -> allows(candidate, inFlight));
    return fallsBack && kept.isEmpty() ? cycle.candidates() : kept;
  }

  private boolean allows(Candidate candidate, @Nullable InFlightLoad inFlight) {
    for (Limit limit : limits) {
      if (!limit.allows(candidate, inFlight)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public Set<FactKey<?>> requires() {
    Set<FactKey<?>> keys = new HashSet<>();
    for (Limit limit : limits) {
      keys.add(
          switch (limit.metric()) {
            case ACTIVE_REQUESTS -> inFlightKey;
            case RUNNING_REQUESTS -> LoadFields.RUNNING_REQUESTS;
            case WAITING_QUEUE -> LoadFields.WAITING_REQUESTS;
            case KV_CACHE_UTILIZATION -> LoadFields.KV_CACHE_UTILIZATION;
          });
    }
    return Set.copyOf(keys);
  }
}
