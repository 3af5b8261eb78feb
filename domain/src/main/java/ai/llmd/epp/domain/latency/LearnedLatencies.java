package ai.llmd.epp.domain.latency;

import ai.llmd.epp.domain.pool.EndpointId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Learns the times of every endpoint in this process. An endpoint that has not been observed yet is
 * taken for one like all others. As many models as there are endpoints; any thread.
 */
public final class LearnedLatencies {

  private final LatencyModel all = new LatencyModel();
  private final Map<EndpointId, LatencyModel> byEndpoint = new ConcurrentHashMap<>();

  /** What to predict an endpoint's times with; null while too little is known. */
  public @Nullable LatencyModel of(EndpointId endpoint) {
    return LatencyModel.ready(byEndpoint.get(endpoint), all);
  }

  /** A first token came after this time. */
  public void learnTtft(EndpointId endpoint, LatencyRow row, double millis) {
    all.learnTtft(row, millis);
    own(endpoint).learnTtft(row, millis);
  }

  /** Further tokens came, each after this time on average. */
  public void learnTpot(EndpointId endpoint, LatencyRow row, double millis) {
    all.learnTpot(row, millis);
    own(endpoint).learnTpot(row, millis);
  }

  private LatencyModel own(EndpointId endpoint) {
    return byEndpoint.computeIfAbsent(endpoint, _ -> all.offspring());
  }

  /** Forgets an endpoint that has left. */
  public void forget(EndpointId endpoint) {
    byEndpoint.remove(endpoint);
  }
}
