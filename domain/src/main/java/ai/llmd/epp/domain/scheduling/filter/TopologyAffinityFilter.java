package ai.llmd.epp.domain.scheduling.filter;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.PeerEndpoint;
import ai.llmd.epp.domain.facts.Topologies;
import ai.llmd.epp.domain.facts.Topologies.Place;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.scheduling.Filter;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the endpoints near the one that an earlier stage of the request picked, so that the KV
 * cache travels a short way: those that share with it the wanted level of the topology, or any
 * tighter one. Unknown names are never the same.
 *
 * <p>Keeps all when there is no earlier pick, when its place is unknown, and when none is near.
 */
public final class TopologyAffinityFilter implements Filter {

  public static final PluginType<Parameters> TYPE =
      PluginType.of(
              "topology-affinity-filter", new Parameters("host", ""), TopologyAffinityFilter::new)
          .alpha();

  /**
   * How near is near enough, and who knows where endpoints run.
   *
   * @param minAffinity widest level that must be shared: {@code host}, {@code rack}, {@code zone}
   *     or {@code region}; empty means {@code host}
   * @param topologyProducerName instance whose places are read; empty means {@link
   *     Topologies#DEFAULT_PRODUCER}
   */
  public record Parameters(String minAffinity, String topologyProducerName) {

    public Parameters {
      minAffinity = minAffinity.isEmpty() ? "host" : minAffinity;
      widthOf(minAffinity);
    }
  }

  private final int width;
  private final FactKey<Topologies> key;

  public TopologyAffinityFilter(Parameters parameters) {
    this.width = widthOf(parameters.minAffinity());
    this.key = Topologies.keyOrDefault(parameters.topologyProducerName());
  }

  /** How many levels count, from the tightest one. */
  private static int widthOf(String minAffinity) {
    return switch (minAffinity) {
      case "host" -> 1;
      case "rack" -> 2;
      case "zone" -> 3;
      case "region" -> 4;
      default ->
          throw new IllegalArgumentException(
              "minAffinity must be host, rack, zone or region, was \"" + minAffinity + '"');
    };
  }

  @Override
  public Candidates filter(SchedulingCycle cycle) {
    Topologies places = cycle.facts().get(key);
    Candidate peer = cycle.facts().get(PeerEndpoint.KEY);
    Place there = places == null || peer == null ? null : places.at(peer.slot());
    if (places == null || there == null) {
      return cycle.candidates();
    }
    Candidates near = cycle.candidates().where(c -> isNear(places.at(c.slot()), there));
    return near.isEmpty() ? cycle.candidates() : near;
  }

  private boolean isNear(@Nullable Place here, Place there) {
    return here != null
        && (isSame(here.host(), there.host())
            || (width > 1 && isSame(here.rack(), there.rack()))
            || (width > 2 && isSame(here.zone(), there.zone()))
            || (width > 3 && isSame(here.region(), there.region())));
  }

  private static boolean isSame(String here, String there) {
    return !here.isEmpty() && here.equals(there);
  }

  @Override
  public Set<FactKey<?>> uses() {
    return Set.of(key, PeerEndpoint.KEY);
  }
}
