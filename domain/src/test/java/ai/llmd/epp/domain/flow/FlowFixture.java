package ai.llmd.epp.domain.flow;

import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.flow.fairness.GlobalStrictFairness;
import ai.llmd.epp.domain.flow.limit.StaticUsageLimit;
import ai.llmd.epp.domain.flow.ordering.FcfsOrdering;
import java.util.HashMap;
import java.util.Map;

/** Builds the settings of flow control for tests; times are in whatever unit a test likes. */
public final class FlowFixture {

  private final Map<Integer, BandSettings> bands = new HashMap<>();
  private FairnessPolicy fairness = new GlobalStrictFairness();
  private OrderingPolicy ordering = new FcfsOrdering();
  private UsageLimitPolicy limit = new StaticUsageLimit(new StaticUsageLimit.Parameters(1));
  private long maxRequests;
  private long maxBytes;
  private long bandRequests = BandSettings.DEFAULT_MAX_REQUESTS;
  private long bandBytes = BandSettings.DEFAULT_MAX_BYTES;
  private long ttl;
  private long noEndpointTtl;

  public FlowFixture fairness(FairnessPolicy policy) {
    fairness = policy;
    return this;
  }

  public FlowFixture ordering(OrderingPolicy policy) {
    ordering = policy;
    return this;
  }

  public FlowFixture limit(UsageLimitPolicy policy) {
    limit = policy;
    return this;
  }

  /** Limits over all bands; 0 is none. */
  public FlowFixture global(long requests, long bytes) {
    maxRequests = requests;
    maxBytes = bytes;
    return this;
  }

  /** Limits of the bands that follow. */
  public FlowFixture capacity(long requests, long bytes) {
    bandRequests = requests;
    bandBytes = bytes;
    return this;
  }

  /** Times to live; 0 is none. */
  public FlowFixture ttl(long whileEndpoints, long whileNone) {
    ttl = whileEndpoints;
    noEndpointTtl = whileNone;
    return this;
  }

  /** Adds bands with what has been set by now. */
  public FlowFixture bands(int... priorities) {
    for (int priority : priorities) {
      bands.put(priority, band());
    }
    return this;
  }

  private BandSettings band() {
    return new BandSettings(
        bandRequests,
        bandBytes,
        ttl,
        new Named<>("fairness", "fairness", fairness),
        new Named<>("ordering", "ordering", ordering));
  }

  /** The settings; band 0 is added if it is missing. */
  public FlowSettings build() {
    bands.putIfAbsent(0, band());
    return new FlowSettings(
        maxRequests,
        maxBytes,
        noEndpointTtl,
        new Named<>("limit", "limit", limit),
        bands,
        band(),
        band());
  }

  /** A request of a flow, without an objective. */
  public static QueuedRequest request(String flow, int priority, long bytes) {
    return new QueuedRequest(flow, priority, bytes, 0, QueuedRequest.NEVER);
  }
}
