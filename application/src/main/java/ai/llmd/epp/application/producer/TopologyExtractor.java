package ai.llmd.epp.application.producer;

import ai.llmd.epp.application.metrics.EndpointExtractor;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.Topologies;
import ai.llmd.epp.domain.facts.Topologies.Place;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads where each endpoint runs, from its labels. One without a label for its host has the host
 * name that its pod has asked for ({@code spec.hostname}), where endpoints come from Kubernetes.
 *
 * <p>Places are read when the pool changes; a request only takes the table as it is. An endpoint of
 * which nothing is known has no place.
 */
public final class TopologyExtractor implements Producer, BringsSource, EndpointExtractor {

  public static final PluginType<Parameters> TYPE =
      PluginType.withContext(
              Topologies.DEFAULT_PRODUCER,
              Parameters.DEFAULT,
              (parameters, context) -> new TopologyExtractor(context.name(), parameters))
          .alpha();

  /**
   * The keys of the labels that say where an endpoint runs.
   *
   * @param hostname label of the machine
   * @param rack label of the rack
   * @param zone label of the zone
   * @param region label of the region
   */
  public record Parameters(String hostname, String rack, String zone, String region) {

    private static final Place NOWHERE = new Place("", "", "", "");

    public static final Parameters DEFAULT =
        new Parameters(
            "kubernetes.io/hostname",
            "topology.kubernetes.io/rack",
            "topology.kubernetes.io/zone",
            "topology.kubernetes.io/region");

    @Nullable Place placeOf(Endpoint endpoint) {
      Map<String, String> labels = endpoint.labels();
      String host = labels.getOrDefault(hostname, "");
      var place =
          new Place(
              host.isEmpty() ? endpoint.hostname() : host,
              labels.getOrDefault(rack, ""),
              labels.getOrDefault(zone, ""),
              labels.getOrDefault(region, ""));
      return place.equals(NOWHERE) ? null : place;
    }
  }

  private final FactKey<Topologies> key;
  private final Parameters parameters;

  // replaced as a whole by the pool's thread, one change at a time; never written into
  private volatile Topologies places = new Topologies(new Place[0]);

  /**
   * @param name instance name, under which the fact is put
   */
  public TopologyExtractor(String name, Parameters parameters) {
    this.key = Topologies.key(name);
    this.parameters = parameters;
  }

  @Override
  public String type() {
    return Topologies.DEFAULT_PRODUCER;
  }

  @Override
  public Set<FactKey<?>> produces() {
    return Set.of(key);
  }

  @Override
  public Produced produce(SchedulingCycle cycle) {
    cycle.facts().put(key, places);
    return Produced.NOW;
  }

  @Override
  public void added(EndpointState endpoint) {
    put(endpoint.slot(), parameters.placeOf(endpoint.endpoint()));
  }

  @Override
  public void changed(EndpointState endpoint) {
    added(endpoint);
  }

  @Override
  public void removed(EndpointState endpoint, Runnable released) {
    put(endpoint.slot(), null);
    released.run();
  }

  private void put(int slot, @Nullable Place place) {
    @Nullable Place[] before = places.bySlot();
    @Nullable Place[] after = Arrays.copyOf(before, Math.max(before.length, slot + 1));
    after[slot] = place;
    places = new Topologies(after);
  }
}
