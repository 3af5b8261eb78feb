package ai.llmd.epp.domain.latency;

import ai.llmd.epp.domain.pool.EndpointId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Learns the times of every endpoint in this process. An endpoint that has not been observed yet is
 * taken for one like all others. As many models as there are endpoints that are followed; any
 * thread.
 */
public final class LearnedLatencies {

  private final LatencyModel all = new LatencyModel();
  private final Map<EndpointId, Own> byEndpoint = new ConcurrentHashMap<>();

  /** The model of one endpoint, from its first observation on. */
  private static final class Own {

    private volatile @Nullable LatencyModel model;

    synchronized LatencyModel begun(LatencyModel all) {
      LatencyModel begun = model;
      if (begun == null) {
        begun = all.offspring();
        model = begun;
      }
      return begun;
    }
  }

  /** From now on an endpoint has a model of its own, until it is forgotten. */
  public void follow(EndpointId endpoint) {
    byEndpoint.putIfAbsent(endpoint, new Own());
  }

  /** What to predict an endpoint's times with; null while too little is known. */
  public @Nullable LatencyModel of(EndpointId endpoint) {
    Own own = byEndpoint.get(endpoint);
    return LatencyModel.ready(own == null ? null : own.model, all);
  }

  /** A first token came after this time. */
  public void learnTtft(EndpointId endpoint, LatencyRow row, double millis) {
    all.learnTtft(row, millis);
    LatencyModel own = own(endpoint);
    if (own != null) {
      own.learnTtft(row, millis);
    }
  }

  /** Further tokens came, each after this time on average. */
  public void learnTpot(EndpointId endpoint, LatencyRow row, double millis) {
    all.learnTpot(row, millis);
    LatencyModel own = own(endpoint);
    if (own != null) {
      own.learnTpot(row, millis);
    }
  }

  /** Null for an endpoint that has left while it answered. */
  private @Nullable LatencyModel own(EndpointId endpoint) {
    Own own = byEndpoint.get(endpoint);
    return own == null ? null : own.begun(all);
  }

  /** Forgets an endpoint that has left. */
  public void forget(EndpointId endpoint) {
    byEndpoint.remove(endpoint);
  }
}
