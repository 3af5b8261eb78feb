package ai.llmd.epp.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;

/** What each room may know. One constant a rule; {@link RoomsTest} checks them all. */
final class Rooms {

  /** As {@code PluginApi} and docs/writing-plugins.md have it. */
  private static final String[] PLUGIN_API = {
    "ai.llmd.epp.domain.calls",
    "ai.llmd.epp.domain.catalogue",
    "ai.llmd.epp.domain.facts",
    "ai.llmd.epp.domain.pool",
    "ai.llmd.epp.domain.request",
    "ai.llmd.epp.domain.routing",
    "ai.llmd.epp.domain.saturation",
    "ai.llmd.epp.domain.scheduling"
  };

  static final ArchRule COMMANDLINE_KNOWS_ONLY_THE_JDK =
      classes()
          .that()
          .resideInAPackage("ai.llmd.epp.commandline..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("ai.llmd.epp.commandline..", "java..", "sun.misc", "org.jspecify..")
          .because(
              "every program of this project reads its flags with it; signals are in sun.misc");

  static final ArchRule YAML_KNOWS_ONLY_ITS_PARSER_AND_UNITS =
      classes()
          .that()
          .resideInAPackage("ai.llmd.epp.yaml..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "ai.llmd.epp.yaml..",
              "ai.llmd.epp.commandline..",
              "org.snakeyaml.engine..",
              "java..",
              "org.jspecify..")
          .because("configurations, endpoints and objects are read with it");

  static final ArchRule DOMAIN_KNOWS_ONLY_THE_JDK =
      classes()
          .that()
          .resideInAPackage("ai.llmd.epp.domain..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("ai.llmd.epp.domain..", "java..", "org.jspecify..")
          .because("policy would compile if every wire disappeared");

  static final ArchRule THE_PLUGIN_API_KNOWS_NO_PLUGIN =
      classes()
          .that()
          .resideInAnyPackage(PLUGIN_API)
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(PLUGIN_API).or(resideOutsideOfPackage("ai.llmd.epp..")))
          .because("what strangers build against promises to stay, and the rest does not");

  static final ArchRule DOMAIN_READS_NO_CLOCK_AND_ROLLS_NO_DICE =
      noClasses()
          .that()
          .resideInAPackage("ai.llmd.epp.domain..")
          .should()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(Math.class, "random")
          .orShould()
          .callMethod(ThreadLocalRandom.class, "current")
          .because("clocks and randomness are handed in, so that tests own them");

  static final ArchRule JSON_KNOWS_ONLY_THE_JDK =
      classes()
          .that()
          .resideInAPackage("ai.llmd.epp.json..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("ai.llmd.epp.json..", "java..", "org.jspecify..")
          .because("every program here shares them, whatever else it stands on");

  static final ArchRule APPLICATION_KNOWS_ONLY_THE_DOMAIN =
      classes()
          .that()
          .resideInAPackage("ai.llmd.epp.application..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "ai.llmd.epp.application..", "ai.llmd.epp.domain..", "java..", "org.jspecify..");

  static final ArchRule REPLICATION_KNOWS_ONLY_THE_APPLICATION =
      classes()
          .that()
          .resideInAPackage("ai.llmd.epp.replication..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "ai.llmd.epp.replication..",
              "ai.llmd.epp.application..",
              "ai.llmd.epp.domain..",
              "java..",
              "org.jspecify..");

  static final ArchRule ONLY_BOOTSTRAP_KNOWS_REPLICATION =
      noClasses()
          .that()
          .resideInAPackage("ai.llmd.epp..")
          .and()
          .resideOutsideOfPackages("ai.llmd.epp.replication..", "ai.llmd.epp.bootstrap..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.llmd.epp.replication..")
          .because("stores and producers meet it through ports");

  static final ArchRule CONFIGURATION_KNOWS_NO_ADAPTER =
      classes()
          .that()
          .resideInAPackage("ai.llmd.epp.configuration..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "ai.llmd.epp.configuration..",
              "ai.llmd.epp.application..",
              "ai.llmd.epp.domain..",
              "ai.llmd.epp.yaml..",
              "ai.llmd.epp.commandline..",
              "org.slf4j..",
              "java..",
              "org.jspecify..")
          .because("adapters bring their plugins and stores in catalogues");

  static final ArchRule ADAPTERS_NEVER_KNOW_EACH_OTHER =
      slices()
          .matching("ai.llmd.epp.adapter.(*)..")
          .should()
          .notDependOnEachOther()
          .because("they meet in bootstrap");

  static final ArchRule NOBODY_KNOWS_BOOTSTRAP =
      noClasses()
          .that()
          .resideOutsideOfPackage("ai.llmd.epp.bootstrap..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.llmd.epp.bootstrap..");

  static final ArchRule ONLY_ADAPTERS_THAT_NEED_IT_SPEAK_GRPC =
      noClasses()
          .that()
          .resideInAPackage("ai.llmd.epp..")
          .and()
          .resideOutsideOfPackages(
              "ai.llmd.epp.adapter.extproc..", "ai.llmd.epp.traces..", "ai.llmd.epp.training..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.grpc..");

  static final ArchRule ONLY_THE_ADAPTER_SPEAKS_WITH_ENVOY =
      noClasses()
          .that()
          .resideInAPackage("ai.llmd.epp..")
          .and()
          .resideOutsideOfPackages("ai.llmd.epp.adapter.extproc..", "ai.llmd.epp.training..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.envoyproxy..");

  static final ArchRule NOTHING_STANDS_ON_OPENTELEMETRY =
      noClasses()
          .that()
          .resideInAPackage("ai.llmd.epp..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.opentelemetry..")
          .because(
              "spans are written as bytes; as objects of its SDK they cost several times that");

  static final ArchRule TRAINING_KNOWS_ONLY_THE_PROTOCOL =
      noClasses()
          .that()
          .resideInAPackage("ai.llmd.epp.training..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("ai.llmd.epp..")
                  .and(
                      resideOutsideOfPackages(
                          "ai.llmd.epp.training..", "ai.llmd.epp.adapter.extproc.rehearsal..")))
          .because("it meets a distribution as Envoy does");

  static final ArchRule ONLY_ITS_ADAPTER_SPEAKS_KUBERNETES =
      noClasses()
          .that()
          .resideInAPackage("ai.llmd.epp..")
          .and()
          .resideOutsideOfPackage("ai.llmd.epp.adapter.k8s..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.fabric8..")
          .because("a program that reads endpoints from a file must not load the client");

  static final ArchRule ONLY_ITS_ADAPTER_AND_PUBLISHERS_SPEAK_ZEROMQ =
      noClasses()
          .that()
          .resideInAPackage("ai.llmd.epp..")
          .and()
          .resideOutsideOfPackages(
              "ai.llmd.epp.adapter.kvevents..", "ai.llmd.epp.simulator..", "ai.llmd.epp.zmtp..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("ai.llmd.epp.zmtp..", "org.zeromq..");

  static final ArchRule THE_SIMULATOR_STANDS_ALONE =
      noClasses()
          .that()
          .resideInAPackage("ai.llmd.epp.simulator..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "ai.llmd.epp.domain..",
              "ai.llmd.epp.application..",
              "ai.llmd.epp.adapter..",
              "ai.llmd.epp.bootstrap..");

  static final ArchRule THE_SIDECAR_SHARES_ONLY_LIBRARIES =
      noClasses()
          .that()
          .resideInAPackage("ai.llmd.epp.sidecar..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("ai.llmd.epp..")
                  .and(
                      resideOutsideOfPackages(
                          "ai.llmd.epp.sidecar..",
                          "ai.llmd.epp.json..",
                          "ai.llmd.epp.commandline..",
                          "ai.llmd.epp.tls..",
                          "ai.llmd.epp.traces..",
                          "ai.llmd.epp.yaml..")))
          .because("it is a program of its own, and runs in every decode pod");

  static final ArchRule LIBRARIES_KNOW_NO_ROOM =
      noClasses()
          .that()
          .resideInAnyPackage(
              "ai.llmd.epp.filewatch..",
              "ai.llmd.epp.tls..",
              "ai.llmd.epp.traces..",
              "ai.llmd.epp.zmtp..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "ai.llmd.epp.domain..",
              "ai.llmd.epp.application..",
              "ai.llmd.epp.adapter..",
              "ai.llmd.epp.bootstrap..",
              "ai.llmd.epp.sidecar..")
          .because("every program may use them");

  static final ArchRule ONLY_TELEMETRY_AND_ITS_WIRING_SPEAK_PROMETHEUS =
      noClasses()
          .that()
          .resideInAPackage("ai.llmd.epp..")
          .and()
          .resideOutsideOfPackages("ai.llmd.epp.adapter.telemetry..", "ai.llmd.epp.bootstrap..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.prometheus..", "io.micrometer..");

  static final ArchRule PACKAGES_FORM_NO_CYCLE =
      slices().matching("ai.llmd.epp.(**)").should().beFreeOfCycles();

  static final ArchRule NO_PACKAGE_IS_A_DRAWER =
      noClasses()
          .that()
          .resideInAPackage("ai.llmd.epp..")
          .should()
          .resideInAnyPackage(
              "..util..", "..utils..", "..common..", "..constants..", "..impl..", "..manager..")
          .because("a shared idea has a name of its own");

  private Rooms() {}
}
