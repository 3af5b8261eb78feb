package ai.llmd.epp.adapter.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.application.port.in.KeepPool;
import ai.llmd.epp.application.port.out.EndpointDiscovery.DiscoveryException;
import ai.llmd.epp.application.port.out.EndpointDiscovery.Keepers;
import ai.llmd.epp.domain.catalogue.Stability;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Other clusters, listed in a file. */
class MulticlusterFileDiscoveryTest {

  @TempDir private Path folder;

  private List<Endpoint> load(String entries) throws IOException, DiscoveryException {
    Path file = Files.writeString(folder.resolve("clusters.yaml"), "endpoints:\n" + entries);
    List<Endpoint> kept = new ArrayList<>();
    KeepPool pool =
        new KeepPool() {
          @Override
          public void keep(Collection<Endpoint> endpoints) {
            kept.addAll(endpoints);
          }

          @Override
          public void change(Collection<EndpointId> gone, Collection<Endpoint> put) {
            throw new AssertionError("a file is kept as a whole");
          }
        };
    try (FileDiscovery discovery =
        FileDiscovery.ofClusters(new FileDiscovery.Parameters(file.toString(), false))) {
      discovery.start(new Keepers(pool, objectives -> {}, rewrites -> {}));
    }
    return kept;
  }

  @Test
  void mayBeNamed() throws Exception {
    assertThat(
            load(
                """
                - {name: east, address: gateway.east.example.com, port: "443"}
                - {name: west, address: 192.0.2.7, port: "80"}
                - {name: south, address: "2001:db8::7", port: "80"}
                - {name: near, address: gateway, port: "80"}
                """))
        .extracting(Endpoint::hostPort)
        .containsExactly(
            "gateway.east.example.com:443", "192.0.2.7:80", "[2001:db8::7]:80", "gateway:80");
  }

  @Test
  void mayHaveTheirMetricsElsewhere() throws Exception {
    List<Endpoint> endpoints =
        load(
            """
            - name: a
              address: gateway.a.example
              port: "443"
              labels: {metricsAddress: epp.a.example, metricsPort: "9090", region: a}
            - {name: b, address: 192.0.2.1, port: "443", labels: {metricsAddress: "2001:db8::1"}}
            - {name: c, address: 192.0.2.2, port: "443", labels: {metricsPort: "9090"}}
            """);
    assertThat(endpoints)
        .extracting(Endpoint::metricsHost)
        .containsExactly("epp.a.example:9090", "[2001:db8::1]:443", "192.0.2.2:443");
    assertThat(endpoints.getFirst())
        .isEqualTo(
            new Endpoint(
                new EndpointId("default", "a"),
                "a",
                "gateway.a.example",
                443,
                "epp.a.example:9090",
                Map.of("metricsAddress", "epp.a.example", "metricsPort", "9090", "region", "a"),
                0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a_b", "-a", "a-", "a..b", "192.0.2.256", "1.2.3", "a b", "h:80", "http://h"})
  void areRefusedWithAnythingElse(String address) {
    assertThatThrownBy(() -> load("- {name: a, address: \"" + address + "\", port: \"80\"}\n"))
        .isInstanceOf(DiscoveryException.class)
        .hasMessageContaining("must be an IPv4 or IPv6 address or the name of a host");
  }

  @Test
  void areRefusedWithPlacesOfMetricsThatAreNone() {
    assertThatThrownBy(
            () ->
                load("- {name: a, address: h, port: \"80\", labels: {metricsAddress: \"h:9090\"}}"))
        .hasMessageContaining("labels.metricsAddress")
        .hasMessageContaining("was \"h:9090\"");
    assertThatThrownBy(
            () ->
                load(
                    "- {name: a, address: h, port: \"80\","
                        + " labels: {metricsAddress: h, metricsPort: \"0\"}}"))
        .hasMessageContaining("labels.metricsPort")
        .hasMessageContaining("must be within 1 and 65535");
  }

  @Test
  void areAnExperiment() {
    assertThat(FileDiscovery.MULTICLUSTER_TYPE.name()).isEqualTo("multicluster-file-discovery");
    assertThat(FileDiscovery.MULTICLUSTER_TYPE.stability()).isEqualTo(Stability.ALPHA);
  }
}
