package ai.llmd.epp.acceptance.waiting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.stack.Client;
import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.EnvoyProcess;
import ai.llmd.epp.acceptance.stack.EppProcess;
import ai.llmd.epp.acceptance.stack.Stack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ThrowingRunnable;

/**
 * Three model servers, a picker whose requests wait at a gate, and Envoy in front of it. The picker
 * gets its next gate by a reload.
 */
final class GatedStack implements AutoCloseable {

  private static final String WAITING = "llm_d_epp_waiting_requests";
  private static final String BUFFERED = "llm_d_epp_buffered_body_bytes";

  private final Stack stack;
  private final Path folder;
  private final EppProcess epp;
  private final Map<EnvoyMode, EnvoyProcess> envoys = new EnumMap<>(EnvoyMode.class);
  private Gate gate;
  private int gates = 1;

  private GatedStack(Stack stack, Path folder, List<String> flags) throws IOException {
    this.stack = stack;
    this.folder = Files.createTempDirectory(folder, "gates");
    stack.startSimulator(3, "1ms");
    gate = new Gate(this.folder.resolve("gate-0"));
    epp = stack.startEpp(configuration(gate, "5m"), flags);
  }

  /** A file that is not there yet: the requests that meet it wait until it is. */
  record Gate(Path file) {

    void open() throws IOException {
      Files.createFile(file);
    }
  }

  /**
   * Starts all but Envoy; the first gate is closed.
   *
   * @param folder for the gates
   * @param flags further ones of the picker
   */
  static GatedStack start(String name, Path folder, String... flags) throws Exception {
    Stack stack = Stack.empty("waiting-" + name, false);
    try {
      return new GatedStack(stack, folder, List.of(flags));
    } catch (RuntimeException | IOException e) {
      try (stack) {
        throw e;
      }
    }
  }

  private static String configuration(Gate gate, String budget) {
    return """
    plugins:
    - type: file-discovery
      parameters: {path: ${ENDPOINTS_FILE}, watchFile: true}
    - type: gate-producer
      parameters: {file: %s, budget: %s}
    - type: queue-scorer
    schedulingProfiles:
    - name: default
      plugins:
      - pluginRef: queue-scorer
    dataLayer:
      discovery: {pluginRef: file-discovery}
    """
        .formatted(gate.file(), budget);
  }

  EppProcess epp() {
    return epp;
  }

  /** Through an Envoy in this mode, which is started when it is first asked for. */
  Client gateway(EnvoyMode mode) {
    return envoys.computeIfAbsent(mode, stack::startEnvoy).gateway();
  }

  /** The one at which requests that arrive now wait. */
  Gate gate() {
    return gate;
  }

  /**
   * Has the requests from now on wait at another gate, which is closed; returns when the picker has
   * applied it.
   *
   * @param budget how long they wait there at most
   */
  Gate nextGate(String budget) {
    long reloads = reloads();
    gate = new Gate(folder.resolve("gate-" + gates++));
    stack.configure(configuration(gate, budget));
    within(() -> assertThat(reloads()).isEqualTo(reloads + 1));
    return gate;
  }

  private long reloads() {
    return epp.metric("llm_d_epp_config_reloads_total", "result=\"applied\"");
  }

  void awaitWaiting(int requests) {
    within(() -> assertThat(epp.metric(WAITING)).isEqualTo(requests));
  }

  long bufferedBodyBytes() {
    return epp.metric(BUFFERED);
  }

  void awaitNothingIsHeld() {
    within(
        () -> {
          assertThat(epp.metric(WAITING)).isZero();
          assertThat(bufferedBodyBytes()).isZero();
        });
  }

  static void within(ThrowingRunnable assertion) {
    await()
        .atMost(Duration.ofSeconds(60))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(assertion);
  }

  @Override
  public void close() throws Exception {
    stack.close();
  }
}
