package ai.llmd.epp.adapter.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.k8s.api.ConditionsStatus;
import ai.llmd.epp.adapter.k8s.api.InferenceModelRewriteSpec;
import ai.llmd.epp.adapter.k8s.api.InferenceObjectiveSpec;
import ai.llmd.epp.adapter.k8s.api.InferencePoolSpec;
import ai.llmd.epp.adapter.k8s.api.InferencePoolStatus;
import ai.llmd.epp.adapter.k8s.server.ApiServer;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The CRDs in {@code deploy/crds} and the records that read their objects say the same. */
@SuppressWarnings("NullAway") // a field that is missing fails the test either way
class CrdTest {

  private static final ApiServer SERVER = new ApiServer();

  @AfterAll
  static void close() {
    SERVER.close();
  }

  static Stream<CustomResourceDefinition> shipped() {
    return LlmdKinds.shipped(SERVER).stream();
  }

  static Stream<Arguments> models() {
    return shipped()
        .map(
            crd ->
                switch (crd.getSpec().getNames().getKind()) {
                  case "InferencePool" ->
                      Arguments.of(crd, InferencePoolSpec.class, InferencePoolStatus.class);
                  case "InferenceObjective" ->
                      Arguments.of(crd, InferenceObjectiveSpec.class, ConditionsStatus.class);
                  default ->
                      Arguments.of(crd, InferenceModelRewriteSpec.class, ConditionsStatus.class);
                });
  }

  @Test
  void areThoseOfThePoolAndOfLlmdsTwoGroups() {
    assertThat(shipped().map(crd -> crd.getMetadata().getName()))
        .containsExactlyInAnyOrder(
            "inferencepools.inference.networking.k8s.io",
            "inferenceobjectives.llm-d.ai",
            "inferencemodelrewrites.llm-d.ai",
            "inferenceobjectives.inference.networking.x-k8s.io",
            "inferencemodelrewrites.inference.networking.x-k8s.io");
  }

  @ParameterizedTest
  @MethodSource("models")
  void haveTheFieldsOfTheRecordsAndNoOthers(
      CustomResourceDefinition crd, Class<?> spec, Class<?> status) {
    Map<String, JSONSchemaProps> fields =
        version(crd).getSchema().getOpenAPIV3Schema().getProperties();
    compare("spec", fields.get("spec"), spec);
    compare("status", fields.get("status"), status);
  }

  private static void compare(String path, JSONSchemaProps schema, Class<?> type) {
    TreeSet<String> components = new TreeSet<>();
    for (RecordComponent component : type.getRecordComponents()) {
      components.add(component.getName());
      compareField(
          path + "." + component.getName(),
          schema.getProperties().get(component.getName()),
          component.getGenericType());
    }
    assertThat(new TreeSet<>(schema.getProperties().keySet())).as(path).isEqualTo(components);
  }

  private static void compareField(String path, JSONSchemaProps schema, Type type) {
    assertThat(schema).as(path).isNotNull();
    if (type instanceof ParameterizedType generic && generic.getRawType() == List.class) {
      assertThat(schema.getType()).as(path).isEqualTo("array");
      compareField(path + "[]", schema.getItems().getSchema(), generic.getActualTypeArguments()[0]);
    } else if (type instanceof ParameterizedType) {
      assertThat(schema.getAdditionalProperties().getSchema().getType())
          .as(path)
          .isEqualTo("string");
    } else if (type instanceof Class<?> one && one.isRecord()) {
      assertThat(schema.getType()).as(path).isEqualTo("object");
      compare(path, schema, one);
    } else {
      String expected = type == String.class ? "string" : "integer";
      assertThat(schema.getType()).as(path).isEqualTo(expected);
      assertThat(schema.getFormat())
          .as(path)
          .isEqualTo(
              type == Integer.class ? "int32" : type == Long.class ? "int64" : schema.getFormat());
    }
  }

  @ParameterizedTest
  @MethodSource("shipped")
  void haveSchemasThatAnApiServerTakes(CustomResourceDefinition crd) {
    assertThat(crd.getMetadata().getName())
        .isEqualTo(crd.getSpec().getNames().getPlural() + "." + crd.getSpec().getGroup());
    assertThat(version(crd).getServed() && version(crd).getStorage()).isTrue();
    assertThat(version(crd).getSubresources().getStatus()).isNotNull();
    check("", version(crd).getSchema().getOpenAPIV3Schema());
  }

  /** What Kubernetes asks of a structural schema. */
  private static void check(String path, JSONSchemaProps schema) {
    assertThat(schema.getType()).as(path + " has a type").isNotNull();
    if (schema.getPattern() != null) {
      Pattern.compile(schema.getPattern());
    }
    if (schema.getType().equals("array")) {
      assertThat(schema.getItems()).as(path + " has items").isNotNull();
      check(path + "[]", schema.getItems().getSchema());
    }
    Map<String, JSONSchemaProps> properties = schema.getProperties();
    if (properties != null) {
      assertThat(properties.keySet())
          .as(path + " has what it requires")
          .containsAll(schema.getRequired());
      properties.forEach((name, property) -> check(path + "." + name, property));
    }
  }

  /**
   * As upstream's: an object without one is taken, and can be updated. Only a pool must have one.
   */
  @Test
  void demandASpecOfAPoolAlone() {
    assertThat(shipped())
        .filteredOn(
            crd -> version(crd).getSchema().getOpenAPIV3Schema().getRequired().contains("spec"))
        .extracting(crd -> crd.getSpec().getNames().getKind())
        .containsExactly("InferencePool");
  }

  @Test
  void haveThePoolsDefaultsAndRules() {
    JSONSchemaProps spec =
        version(
                shipped()
                    .filter(crd -> crd.getSpec().getNames().getKind().equals("InferencePool"))
                    .findAny()
                    .orElseThrow())
            .getSchema()
            .getOpenAPIV3Schema()
            .getProperties()
            .get("spec");
    JSONSchemaProps ports = spec.getProperties().get("targetPorts");
    JSONSchemaProps picker = spec.getProperties().get("endpointPickerRef");

    assertThat(spec.getRequired()).containsExactlyInAnyOrder("selector", "targetPorts");
    assertThat(ports.getMinItems()).isEqualTo(1);
    assertThat(ports.getMaxItems()).isEqualTo(8);
    assertThat(ports.getXKubernetesValidations().getFirst().getMessage())
        .isEqualTo("port number must be unique");
    assertThat(spec.getProperties().get("appProtocol").getDefault().asString()).isEqualTo("http");
    assertThat(picker.getProperties().get("kind").getDefault().asString()).isEqualTo("Service");
    assertThat(picker.getProperties().get("failureMode").getDefault().asString())
        .isEqualTo("FailClose");
    assertThat(picker.getXKubernetesValidations().getFirst().getMessage())
        .isEqualTo(
            "port is required when kind is 'Service' or unspecified (defaults to 'Service')");
  }

  private static CustomResourceDefinitionVersion version(CustomResourceDefinition crd) {
    return crd.getSpec().getVersions().getFirst();
  }
}
