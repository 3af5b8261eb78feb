package ai.llmd.epp.acceptance.scenario;

import static ai.llmd.epp.acceptance.inprocess.Asking.completion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.bootstrap.EndpointPicker;
import ai.llmd.epp.bootstrap.plugins.JarMaker;
import ai.llmd.epp.yaml.InvalidDocumentException;
import io.envoyproxy.envoy.type.v3.StatusCode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A jar that loads and yet does not work stops the start, or harms its own requests only. */
class BrokenPluginsTest {

  private static final String FAULTS = "llm_d_epp_plugin_faults_total";

  @TempDir Path folder;
  private ModelServer server;

  @BeforeEach
  void start() {
    server = ModelServer.loaded("pod-0", 0, 0.1);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private RunningPicker picker(Path jar, String... plugins) {
    return RunningPicker.start(
        RunningPicker.configuration(plugins), List.of(server), "--plugin-path=" + jar);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "throw new NoSuchMethodError(\"gone\");",
        "throw new AssertionError(\"no\");",
        "return score(cycle);", // until the stack is full
        "return new lib.Helper().score(cycle);",
        "return null;"
      })
  void aScorerWhoseCodeIsBrokenCostsItsRequestsOnly(String body) {
    Path jar =
        new JarMaker(folder)
            .source(
                "lib.Helper",
                """
                package lib;
                import ai.llmd.epp.domain.scheduling.*;
                public class Helper { public Scores score(SchedulingCycle cycle) { return null; } }
                """)
            .leavingOut("lib.Helper")
            .scorer("author", "broken-scorer", body)
            .write("broken.jar");

    try (RunningPicker picker = picker(jar, "broken-scorer")) {
      for (int i = 0; i < 3; i++) {
        var refused = Asking.refused(Asking.open(picker, Map.of(), completion("m", "hello")));
        assertThat(refused.getStatus().getCode()).isEqualTo(StatusCode.TooManyRequests);
      }
      assertThat(picker.metrics().sum(FAULTS)).isEqualTo(3);
      picker.awaitNothingBuffered();
    }
  }

  @Test
  void anObserverWhoseCodeIsBrokenCostsNothingButItsOwnReports() {
    Path jar =
        new JarMaker(folder)
            .catalogue(
                "author",
                "return List.of(PluginType.of(\"broken-observer\", Observer::new));",
                """
                static final class Observer implements ai.llmd.epp.domain.routing.PreRequest {
                  @Override public ai.llmd.epp.domain.routing.ResponseObserver onRouted(
                      ai.llmd.epp.domain.routing.RoutedRequest routed) {
                    return new ai.llmd.epp.domain.routing.ResponseObserver() {
                      @Override public java.util.Map<String, java.util.Map<String, Object>> onEnd(
                          ai.llmd.epp.domain.routing.ResponseSummary summary) {
                        throw new NoClassDefFoundError("gone");
                      }
                    };
                  }
                }
                """)
            .write("broken.jar");
    String configuration =
        RunningPicker.configuration("queue-scorer")
            .replace("- type: queue-scorer", "- type: queue-scorer\n- type: broken-observer");

    try (RunningPicker picker =
        RunningPicker.start(configuration, List.of(server), "--plugin-path=" + jar)) {
      Asking.route(picker, Map.of(), completion("m", "hello"));

      picker.awaitSum(FAULTS, 1);
      picker.awaitSum("llm_d_epp_request_running", 0);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "throw new NoSuchFieldError(\"Class A does not have member field 'int b'\");",
        "return null;",
        "throw new IllegalArgumentException(\"no luck today\");"
      })
  void aFactoryThatFailsIsReportedWithEverythingElse(String factory) {
    Path jar =
        new JarMaker(folder)
            .catalogue(
                "author",
                "return List.of(PluginType.of(\"broken-scorer\", Catalogue::make));",
                "static Scorer make() { %s }".formatted(factory))
            .write("broken.jar");
    String configuration = RunningPicker.configuration("broken-scorer", "queue-scorrer");

    assertThatThrownBy(
            () ->
                EndpointPicker.start(
                    RunningPicker.options(configuration, List.of(), "--plugin-path=" + jar)))
        .isInstanceOf(InvalidDocumentException.class)
        .hasMessageContaining("plugin \"broken-scorer\" could not be built: ")
        .hasMessageContaining("did you mean \"queue-scorer\"?");
  }

  @Test
  void aJarThatCannotBeUsedIsReportedBeforeEverythingElse() {
    Path missing = folder.resolve("missing.jar");

    assertThatThrownBy(
            () ->
                EndpointPicker.start(
                    RunningPicker.options(
                        RunningPicker.configuration("its-scorer"),
                        List.of(),
                        "--plugin-path=" + missing)))
        .isInstanceOf(InvalidDocumentException.class)
        .hasMessageStartingWith("--plugin-path: " + missing + ": does not exist\n")
        .hasMessageContaining("unknown plugin type \"its-scorer\"");
  }
}
