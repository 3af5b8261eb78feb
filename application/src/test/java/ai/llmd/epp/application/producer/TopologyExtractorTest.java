package ai.llmd.epp.application.producer;

import static ai.llmd.epp.application.producer.Requests.cycle;
import static ai.llmd.epp.application.producer.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.producer.TopologyExtractor.Parameters;
import ai.llmd.epp.domain.catalogue.Stability;
import ai.llmd.epp.domain.facts.Topologies;
import ai.llmd.epp.domain.facts.Topologies.Place;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TopologyExtractorTest {

  private static final String NAME = "places";

  private final TopologyExtractor extractor = new TopologyExtractor(NAME, Parameters.DEFAULT);

  @Test
  void readsTheWellKnownLabels() {
    extractor.added(
        endpoint(
            0,
            Map.of(
                "kubernetes.io/hostname", "h",
                "topology.kubernetes.io/rack", "k",
                "topology.kubernetes.io/zone", "z",
                "topology.kubernetes.io/region", "r",
                "app", "vllm")));
    assertThat(place(0)).isEqualTo(new Place("h", "k", "z", "r"));
  }

  @Test
  void leavesEmptyWhatNoLabelNames() {
    extractor.added(endpoint(1, Map.of("topology.kubernetes.io/zone", "z")));
    assertThat(place(1)).isEqualTo(new Place("", "", "z", ""));
  }

  @Test
  void knowsNoPlaceWithoutAnyLabel() {
    extractor.added(endpoint(0, Map.of("app", "vllm", "kubernetes.io/hostname", "")));
    extractor.added(endpoint(3, Map.of("kubernetes.io/hostname", "h")));
    assertThat(place(0)).isNull();
    assertThat(place(1)).isNull();
    assertThat(place(3)).isNotNull();
    assertThat(place(4)).isNull();
  }

  @Test
  void takesTheHostFromThePodWhereNoLabelHasIt() {
    extractor.added(pod(0, Map.of("topology.kubernetes.io/zone", "z"), "worker-0"));
    assertThat(place(0)).isEqualTo(new Place("worker-0", "", "z", ""));
    extractor.added(pod(1, Map.of(), "worker-1"));
    assertThat(place(1)).isEqualTo(new Place("worker-1", "", "", ""));
    extractor.added(pod(2, Map.of("kubernetes.io/hostname", "node"), "worker-2"));
    assertThat(place(2)).isEqualTo(new Place("node", "", "", ""));

    EndpointState later = endpoint(3, Map.of("topology.kubernetes.io/rack", "k"));
    extractor.added(later);
    later.describe(pod(3, later.endpoint().labels(), "worker-3").endpoint());
    extractor.changed(later);
    assertThat(place(3)).isEqualTo(new Place("worker-3", "k", "", ""));
  }

  private static EndpointState pod(int slot, Map<String, String> labels, String hostname) {
    Endpoint known = endpoint(slot, labels).endpoint();
    return new EndpointState(
        slot,
        1,
        new Endpoint(
            known.id(),
            known.podName(),
            known.address(),
            known.port(),
            known.metricsHost(),
            labels,
            0,
            "",
            hostname));
  }

  @Test
  void readsTheLabelsOfItsParameters() {
    var own = new TopologyExtractor(NAME, new Parameters("node", "row", "hall", ""));
    own.added(endpoint(0, Map.of("node", "n", "row", "o", "hall", "l", "", "nothing")));
    assertThat(Objects.requireNonNull(placesOf(own)).at(0))
        .isEqualTo(new Place("n", "o", "l", "nothing"));
  }

  @Test
  void followsTheEndpoint() {
    EndpointState endpoint = endpoint(0, Map.of("kubernetes.io/hostname", "before"));
    extractor.added(endpoint);
    Topologies before = Objects.requireNonNull(placesOf(extractor));
    endpoint.describe(endpoint(0, Map.of("kubernetes.io/hostname", "after")).endpoint());
    extractor.changed(endpoint);
    assertThat(Objects.requireNonNull(place(0)).host()).isEqualTo("after");
    assertThat(Objects.requireNonNull(before.at(0)).host())
        .as("a request keeps what it was given")
        .isEqualTo("before");

    var released = new AtomicInteger();
    extractor.removed(endpoint, released::incrementAndGet);
    assertThat(place(0)).isNull();
    assertThat(released).hasValue(1);
  }

  @Test
  void readsLabelsOncePerDescription() {
    extractor.added(endpoint(0, Map.of("kubernetes.io/hostname", "h")));
    assertThat(placesOf(extractor)).isSameAs(placesOf(extractor));
  }

  @Test
  void isExperimentalAndDeclaresItsFact() {
    assertThat(TopologyExtractor.TYPE.stability()).isEqualTo(Stability.ALPHA);
    assertThat(extractor.produces()).containsExactly(Topologies.key(NAME));
  }

  private @Nullable Place place(int slot) {
    return Objects.requireNonNull(placesOf(extractor)).at(slot);
  }

  private static @Nullable Topologies placesOf(TopologyExtractor extractor) {
    SchedulingCycle cycle = cycle(request());
    extractor.produce(cycle);
    return cycle.facts().get(Topologies.key(NAME));
  }

  private static EndpointState endpoint(int slot, Map<String, String> labels) {
    return new EndpointState(
        slot, 1, Endpoint.of(new EndpointId("ns", "p" + slot), "10.0.0.1", 8000, labels));
  }
}
