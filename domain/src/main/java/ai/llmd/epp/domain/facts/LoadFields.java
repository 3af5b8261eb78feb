package ai.llmd.epp.domain.facts;

import java.util.Set;

/**
 * The fields of an endpoint's load sample as data keys.
 *
 * <p>They carry no values: whoever reads a field reads {@code EndpointLoad}. As keys they let a
 * plugin declare that it needs samples of the model servers, so that a missing extractor stops the
 * start instead of making every server look idle.
 */
public final class LoadFields {

  /** The producer part, whatever the extractor's instance is called. */
  public static final String PRODUCER = "core-metrics-extractor";

  public static final FactKey<Void> WAITING_REQUESTS = key("WaitingQueueSize");
  public static final FactKey<Void> RUNNING_REQUESTS = key("RunningRequestsSize");
  public static final FactKey<Void> KV_CACHE_UTILIZATION = key("KVCacheUsagePercent");
  public static final FactKey<Void> ACTIVE_ADAPTERS = key("ActiveModels");
  public static final FactKey<Void> WAITING_ADAPTERS = key("WaitingModels");

  /** What an extractor of load samples produces. */
  public static final Set<FactKey<?>> ALL =
      Set.of(
          WAITING_REQUESTS,
          RUNNING_REQUESTS,
          KV_CACHE_UTILIZATION,
          ACTIVE_ADAPTERS,
          WAITING_ADAPTERS);

  private LoadFields() {}

  private static FactKey<Void> key(String dataType) {
    return new FactKey<>(dataType, PRODUCER, Void.class);
  }
}
