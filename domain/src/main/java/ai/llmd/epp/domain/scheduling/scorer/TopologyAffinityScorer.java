package ai.llmd.epp.domain.scheduling.scorer;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.PeerEndpoint;
import ai.llmd.epp.domain.facts.Topologies;
import ai.llmd.epp.domain.facts.Topologies.Place;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Prefers endpoints near the one that an earlier stage of the request picked, so that the KV cache
 * travels a short way: 1 on the same host, 0.2 in the same rack, 0.05 in the same zone, 0.02 in the
 * same region, else 0. The tightest that applies counts; unknown places are never the same. 0 for
 * all when there is no earlier pick or its place is unknown.
 */
public final class TopologyAffinityScorer implements Scorer {

  private static final double SAME_HOST = 1.0;
  private static final double SAME_RACK = 0.20;
  private static final double SAME_ZONE = 0.05;
  private static final double SAME_REGION = 0.02;
  private static final double APART = 0.0;

  public static final PluginType<Parameters> TYPE =
      PluginType.of("topology-affinity-scorer", new Parameters(""), TopologyAffinityScorer::new)
          .alpha();

  /**
   * Who knows where endpoints run.
   *
   * @param topologyProducerName instance whose places are read; empty means {@link
   *     Topologies#DEFAULT_PRODUCER}
   */
  public record Parameters(String topologyProducerName) {}

  private final FactKey<Topologies> key;

  public TopologyAffinityScorer(Parameters parameters) {
    this.key = Topologies.keyOrDefault(parameters.topologyProducerName());
  }

  @Override
  public Scores score(SchedulingCycle cycle) {
    Topologies places = cycle.facts().get(key);
    Candidate peer = cycle.facts().get(PeerEndpoint.KEY);
    Place there = places == null || peer == null ? null : places.at(peer.slot());
    if (places == null || there == null) {
      return Scores.all(cycle, APART);
    }
    return Scores.of(cycle, candidate -> nearness(places.at(candidate.slot()), there));
  }

  private static double nearness(@Nullable Place here, Place there) {
    if (here == null) {
      return APART;
    } else if (isSame(here.host(), there.host())) {
      return SAME_HOST;
    } else if (isSame(here.rack(), there.rack())) {
      return SAME_RACK;
    } else if (isSame(here.zone(), there.zone())) {
      return SAME_ZONE;
    }
    return isSame(here.region(), there.region()) ? SAME_REGION : APART;
  }

  private static boolean isSame(String here, String there) {
    return !here.isEmpty() && here.equals(there);
  }

  @Override
  public Set<FactKey<?>> uses() {
    return Set.of(key, PeerEndpoint.KEY);
  }
}
