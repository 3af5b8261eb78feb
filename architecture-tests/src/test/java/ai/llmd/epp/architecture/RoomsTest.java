package ai.llmd.epp.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rule holds for the product, and barks at the violation that is planted for it here. */
class RoomsTest {

  private static final ImportOption OURS_ONLY =
      location -> !location.contains("/architecture-tests/");

  private static final JavaClasses PRODUCT =
      new ClassFileImporter()
          .withImportOption(OURS_ONLY)
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("ai.llmd.epp");

  private static final JavaClasses PRODUCT_WITH_VIOLATIONS =
      new ClassFileImporter().importPackages("ai.llmd.epp");

  static Stream<Arguments> rules() {
    return Stream.of(
        Arguments.of(Rooms.COMMANDLINE_KNOWS_ONLY_THE_JDK, "KnowsYaml"),
        Arguments.of(Rooms.YAML_KNOWS_ONLY_ITS_PARSER_AND_UNITS, "KnowsPicocli"),
        Arguments.of(Rooms.DOMAIN_KNOWS_ONLY_THE_JDK, "KnowsAnAdapter"),
        Arguments.of(Rooms.THE_PLUGIN_API_KNOWS_NO_PLUGIN, "KnowsAScorer"),
        Arguments.of(Rooms.DOMAIN_READS_NO_CLOCK_AND_ROLLS_NO_DICE, "ReadsTheClock"),
        Arguments.of(Rooms.JSON_KNOWS_ONLY_THE_JDK, "ReadsForTheDomain"),
        Arguments.of(Rooms.APPLICATION_KNOWS_ONLY_THE_DOMAIN, "KnowsALogger"),
        Arguments.of(Rooms.REPLICATION_KNOWS_ONLY_THE_APPLICATION, "ReplicatesWithALogger"),
        Arguments.of(Rooms.ONLY_BOOTSTRAP_KNOWS_REPLICATION, "ProducerKnowsReplication"),
        Arguments.of(Rooms.ONLY_BOOTSTRAP_KNOWS_REPLICATION, "AdapterKnowsReplication"),
        Arguments.of(Rooms.CONFIGURATION_KNOWS_NO_ADAPTER, "KnowsAStore"),
        Arguments.of(Rooms.ADAPTERS_NEVER_KNOW_EACH_OTHER, "KnowsAnotherAdapter"),
        Arguments.of(Rooms.NOBODY_KNOWS_BOOTSTRAP, "KnowsBootstrap"),
        Arguments.of(Rooms.ONLY_ADAPTERS_THAT_NEED_IT_SPEAK_GRPC, "SpeaksGrpc"),
        Arguments.of(Rooms.ONLY_THE_ADAPTER_SPEAKS_WITH_ENVOY, "SpeaksWithEnvoy"),
        Arguments.of(Rooms.NOTHING_STANDS_ON_OPENTELEMETRY, "SpeaksOpenTelemetry"),
        Arguments.of(Rooms.ONLY_ITS_ADAPTER_SPEAKS_KUBERNETES, "SpeaksKubernetes"),
        Arguments.of(Rooms.ONLY_ITS_ADAPTER_AND_PUBLISHERS_SPEAK_ZEROMQ, "SpeaksZeroMq"),
        Arguments.of(Rooms.THE_SIMULATOR_STANDS_ALONE, "KnowsTheDomain"),
        Arguments.of(Rooms.THE_SIDECAR_SHARES_ONLY_LIBRARIES, "SidecarKnowsThePool"),
        Arguments.of(Rooms.TRAINING_KNOWS_ONLY_THE_PROTOCOL, "TrainsTheDomain"),
        Arguments.of(Rooms.LIBRARIES_KNOW_NO_ROOM, "KnowsAPool"),
        Arguments.of(Rooms.LIBRARIES_KNOW_NO_ROOM, "TracesTheSidecar"),
        Arguments.of(Rooms.ADAPTERS_NEVER_KNOW_EACH_OTHER, "KnowsTheScraper"),
        Arguments.of(Rooms.ADAPTERS_NEVER_KNOW_EACH_OTHER, "KnowsTelemetry"),
        Arguments.of(Rooms.ADAPTERS_NEVER_KNOW_EACH_OTHER, "KnowsKvEvents"),
        Arguments.of(Rooms.ADAPTERS_NEVER_KNOW_EACH_OTHER, "KnowsTokenizers"),
        Arguments.of(Rooms.ADAPTERS_NEVER_KNOW_EACH_OTHER, "KnowsPredictionServers"),
        Arguments.of(Rooms.ONLY_TELEMETRY_AND_ITS_WIRING_SPEAK_PROMETHEUS, "SpeaksPrometheus"),
        Arguments.of(Rooms.PACKAGES_FORM_NO_CYCLE, "cycle"),
        Arguments.of(Rooms.NO_PACKAGE_IS_A_DRAWER, "Drawer"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void holdsForTheProduct(ArchRule rule, String planted) {
    rule.check(PRODUCT);
  }

  @ParameterizedTest(name = "{1} breaks {0}")
  @MethodSource("rules")
  void barksAtThePlantedViolation(ArchRule rule, String planted) {
    assertThat(rule.evaluate(PRODUCT_WITH_VIOLATIONS).getFailureReport().toString())
        .contains(planted);
  }

  @Test
  void looksAtEveryRoom() {
    assertThat(PRODUCT.stream().map(type -> room(type.getPackageName())).distinct())
        .contains(
            "commandline",
            "filewatch",
            "tls",
            "yaml",
            "configuration",
            "json",
            "domain",
            "application",
            "replication",
            "adapter.admin",
            "adapter.cel",
            "adapter.extproc",
            "adapter.files",
            "adapter.k8s",
            "adapter.kvevents",
            "adapter.latency",
            "adapter.metrics",
            "adapter.state",
            "adapter.telemetry",
            "adapter.tokenizers",
            "bootstrap",
            "cli",
            "sidecar",
            "simulator",
            "traces",
            "training",
            "zmtp");
  }

  @SuppressWarnings("StringSplitter") // no package name ends in a dot
  private static String room(String packageName) {
    String[] parts = packageName.substring("ai.llmd.epp.".length()).split("\\.");
    return parts[0].equals("adapter") ? parts[0] + "." + parts[1] : parts[0];
  }
}
