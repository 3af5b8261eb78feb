package ai.llmd.epp.acceptance.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.acceptance.stack.RealApiServer;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A real API server takes every manifest and everything that the charts render, strictly. */
@NullUnmarked // the server is set before the first test
class RealManifestsIT {

  /** Kinds of others, which are taken as they are: kind, group and version. */
  private static final Map<String, String> FOREIGN =
      Map.of(
          "HTTPRoute", "gateway.networking.k8s.io/v1",
          "DestinationRule", "networking.istio.io/v1",
          "ServiceMonitor", "monitoring.coreos.com/v1",
          "PrometheusRule", "monitoring.coreos.com/v1",
          "PodMonitoring", "monitoring.googleapis.com/v1",
          "HealthCheckPolicy", "networking.gke.io/v1",
          "GCPBackendPolicy", "networking.gke.io/v1");

  @TempDir private static Path folder;
  private static RealApiServer server;

  @BeforeAll
  static void start() throws IOException {
    server = RealApiServer.start(folder);
    server.client().resource(namespace("serving")).create();
    try (Stream<Path> files = Files.list(Manifests.DEPLOY.resolve("crds"))) {
      for (Path file : files.sorted().toList()) {
        Manifests.read(file).forEach(crd -> server.define((CustomResourceDefinition) crd));
      }
    }
    FOREIGN.forEach((kind, version) -> server.define(foreign(kind, version)));
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.closeAll();
    }
  }

  private static HasMetadata namespace(String name) {
    return new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build();
  }

  private static CustomResourceDefinition foreign(String kind, String version) {
    List<String> parts = List.of(version.split("/", -1));
    String singular = kind.toLowerCase(Locale.ROOT);
    String plural =
        singular.endsWith("y")
            ? singular.substring(0, singular.length() - 1) + "ies"
            : singular + "s";
    return new CustomResourceDefinitionBuilder()
        .withNewMetadata()
        .withName(plural + "." + parts.getFirst())
        .addToAnnotations("api-approved.kubernetes.io", "unapproved, for a test")
        .endMetadata()
        .withNewSpec()
        .withGroup(parts.getFirst())
        .withScope("Namespaced")
        .withNewNames()
        .withKind(kind)
        .withSingular(singular)
        .withPlural(plural)
        .endNames()
        .addNewVersion()
        .withName(parts.get(1))
        .withServed(true)
        .withStorage(true)
        .withNewSchema()
        .withNewOpenAPIV3Schema()
        .withType("object")
        .withXKubernetesPreserveUnknownFields(true)
        .endOpenAPIV3Schema()
        .endSchema()
        .endVersion()
        .endSpec()
        .build();
  }

  private static void assertTaken(List<HasMetadata> objects) {
    KubernetesClient client = server.client();
    try {
      for (HasMetadata object : objects) {
        client
            .resource(object)
            .fieldValidation(FieldValidateable.Validation.STRICT)
            .forceConflicts()
            .serverSideApply();
      }
      assertThat(objects)
          .allSatisfy(object -> assertThat(client.resource(object).get()).isNotNull());
    } finally {
      objects.reversed().forEach(object -> client.resource(object).delete());
    }
  }

  static List<ValueSet> sets() {
    return ValueSet.all();
  }

  @ParameterizedTest
  @MethodSource("sets")
  void takesWhatTheChartsRender(ValueSet set) {
    assertTaken(set.manifests().objects());
  }

  static Stream<Manifests> variants() {
    return Stream.concat(
        ManifestsTest.variants(), Stream.of("monitoring", "istio").map(Manifests::of));
  }

  /** They have no namespace of their own: kustomize gives them one. */
  @ParameterizedTest
  @MethodSource("variants")
  void takesTheManifests(Manifests variant) {
    variant.objects().stream()
        .filter(object -> !object.getKind().startsWith("ClusterRole"))
        .forEach(object -> object.getMetadata().setNamespace("default"));
    assertTaken(variant.objects());
  }

  @Test
  void refusesAFieldThatDoesNotExist() {
    ConfigMap map =
        new ConfigMapBuilder()
            .withNewMetadata()
            .withName("wrong")
            .withNamespace("default")
            .endMetadata()
            .addToAdditionalProperties("dataa", Map.of())
            .build();

    assertThatThrownBy(() -> assertTaken(List.of(map)))
        .isInstanceOf(KubernetesClientException.class)
        .hasMessageContaining("dataa");
  }
}
