package ai.llmd.epp.application.latency;

import ai.llmd.epp.domain.latency.LatencyRow;
import ai.llmd.epp.domain.latency.LearnedLatencies;
import ai.llmd.epp.domain.pool.EndpointId;
import org.jspecify.annotations.Nullable;

/**
 * Who learns from what was observed: the models in this process, and servers where there are some.
 * Any thread.
 */
record LatencyLessons(LearnedLatencies learned, @Nullable LatencyServers servers) {

  /** A first token came after this time. */
  void ttft(EndpointId endpoint, LatencyRow row, double millis) {
    learned.learnTtft(endpoint, row, millis);
    if (servers != null) {
      servers.observed(row, millis, 0);
    }
  }

  /** Further tokens came, each after this time on average. */
  void tpot(EndpointId endpoint, LatencyRow row, double millis) {
    learned.learnTpot(endpoint, row, millis);
    if (servers != null) {
      servers.observed(row, 0, millis);
    }
  }
}
