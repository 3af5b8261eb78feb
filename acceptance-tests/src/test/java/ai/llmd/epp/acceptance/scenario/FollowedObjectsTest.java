package ai.llmd.epp.acceptance.scenario;

import static ai.llmd.epp.acceptance.inprocess.Asking.completion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.ReplacedFile;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.dialogue.Messages;
import ai.llmd.epp.bootstrap.EndpointPicker;
import ai.llmd.epp.bootstrap.StartException;
import ai.llmd.epp.yaml.InvalidDocumentException;
import io.envoyproxy.envoy.service.ext_proc.v3.ImmediateResponse;
import io.envoyproxy.envoy.type.v3.StatusCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Objectives and rewrites from files, in the whole program. */
class FollowedObjectsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** On a machine that is busy with other tests samples may be old. */
  private static final String CONFIGURATION =
      RunningPicker.configuration("queue-scorer")
          .replace(
              "- type: queue-scorer\n",
              """
              - type: queue-scorer
              - {type: utilization-detector, parameters: {metricsStalenessThreshold: 60s}}
              """);

  private final List<ModelServer> servers = new ArrayList<>();
  private final List<RunningPicker> pickers = new ArrayList<>();

  @AfterEach
  void stop() {
    pickers.forEach(RunningPicker::close);
    servers.forEach(ModelServer::close);
  }

  private RunningPicker start(String... flags) {
    if (servers.isEmpty()) {
      servers.add(ModelServer.loaded("idle", 0, 0.1));
    }
    RunningPicker picker = RunningPicker.start(CONFIGURATION, servers, flags);
    pickers.add(picker);
    return picker;
  }

  private static String objective(String name, int priority) {
    return """
    apiVersion: llm-d.ai/v1alpha2
    kind: InferenceObjective
    metadata: {name: %s}
    spec: {priority: %d}
    """
        .formatted(name, priority);
  }

  private static String rewrite(String matches, String target) {
    return """
    apiVersion: llm-d.ai/v1alpha2
    kind: InferenceModelRewrite
    metadata: {name: canary}
    spec:
      rules:
      - matches: [%s]
        targets: [{modelRewrite: %s, weight: 1}]
    """
        .formatted(matches, target);
  }

  private static String exact(String target) {
    return rewrite("{model: {value: asked}}", target);
  }

  private static Map<String, String> objectiveHeader(String objective) {
    return Map.of("x-llm-d-inference-objective", objective);
  }

  private static JsonNode decision(RunningPicker picker) {
    return JsonMapper.shared().readTree(picker.get("/debug/decisions?n=1").body()).get(0);
  }

  private static double reloads(RunningPicker picker, String kind, String result) {
    return picker
        .metrics()
        .sum(
            "llm_d_epp_object_file_reloads_total",
            "kind=\"" + kind + '"',
            "result=\"" + result + '"');
  }

  private static void awaitReload(RunningPicker picker, String kind, String result, int count) {
    await().atMost(PATIENCE).until(() -> reloads(picker, kind, result) == count);
  }

  @Test
  void aSheddableRequestIsShedWhileThePoolIsSaturated() {
    servers.add(ModelServer.loaded("busy", 50, 0.95));
    ReplacedFile objectives =
        ReplacedFile.of(objective("batch", -1) + "---\n" + objective("online", 1));
    RunningPicker picker = start("--objectives-file=" + objectives.path());

    ImmediateResponse refused =
        Asking.refused(Asking.open(picker, objectiveHeader("batch"), completion("m", "hello")));

    assertThat(refused.getStatus().getCode()).isEqualTo(StatusCode.TooManyRequests);
    JsonNode shed = decision(picker);
    assertThat(shed.get("priority").asInt()).isEqualTo(-1);
    assertThat(shed.at("/outcome/reason").asString()).isEqualTo("shed");
    assertThat(shed.at("/objective/name").asString()).isEqualTo("batch");
    assertThat(shed.at("/objective/isKnown").asBoolean()).isTrue();
    Asking.route(picker, objectiveHeader("online"), completion("m", "hello"));
    Asking.route(picker, objectiveHeader("unheard-of"), completion("m", "hello"));
    assertThat(decision(picker).at("/objective/isKnown").asBoolean()).isFalse();
  }

  @Test
  void aSheddableRequestIsServedWhileThereIsRoom() {
    ReplacedFile objectives = ReplacedFile.of(objective("batch", -1));
    RunningPicker picker = start("--objectives-file=" + objectives.path());

    Asking.route(picker, objectiveHeader("batch"), completion("m", "hello"));

    assertThat(decision(picker).get("priority").asInt()).isEqualTo(-1);
    assertThat(picker.metrics().sum("llm_d_epp_request_total", "priority=\"-1\"")).isEqualTo(1);
  }

  @Test
  void aGenericRewriteNamesTheModelOfABodyWithoutOne() {
    ReplacedFile rewrites = ReplacedFile.of(rewrite("", "fallback"));
    RunningPicker picker = start("--rewrites-file=" + rewrites.path());

    Asking.Routed routed = Asking.route(picker, Map.of(), "{\"prompt\":\"hello\"}");

    assertThat(routed.bodyText()).isEqualTo("{\"model\":\"fallback\",\"prompt\":\"hello\"}");
  }

  @Test
  void theResponseNamesTheModelThatTheClientAskedFor() {
    ReplacedFile rewrites = ReplacedFile.of(exact("served"));
    RunningPicker picker = start("--rewrites-file=" + rewrites.path());
    Dialogue dialogue = Asking.open(picker, Map.of(), completion("asked", "hello"));
    assertThat(Asking.routed(dialogue).bodyText()).isEqualTo(completion("served", "hello"));

    dialogue.send(Messages.responseHeaders(false, "content-type", "application/json"));
    dialogue.next();
    dialogue.send(Messages.responseBody("{\"model\":\"served\",\"id\":1}", true));

    assertThat(
            dialogue
                .next()
                .getResponseBody()
                .getResponse()
                .getBodyMutation()
                .getStreamedResponse()
                .getBody()
                .toStringUtf8())
        .isEqualTo("{\"model\":\"asked\",\"id\":1}");
    dialogue.halfClose().end();
    JsonNode decision = decision(picker);
    assertThat(decision.get("model").asString()).isEqualTo("asked");
    assertThat(decision.get("targetModel").asString()).isEqualTo("served");
    assertThat(decision.at("/rewrite/name").asString()).isEqualTo("canary");
    assertThat(decision.at("/rewrite/rule").asInt()).isZero();
  }

  @Test
  void changedFilesTakeEffectAndBrokenOnesDoNot() {
    ReplacedFile objectives = ReplacedFile.of(objective("premium", 1));
    ReplacedFile rewrites = ReplacedFile.of(exact("before"));
    RunningPicker picker =
        start("--objectives-file=" + objectives.path(), "--rewrites-file=" + rewrites.path());

    objectives.replace(objective("premium", 7));
    rewrites.replace(exact("after"));
    awaitReload(picker, "objectives", "applied", 1);
    awaitReload(picker, "rewrites", "applied", 1);
    assertServed(picker, "after", 7);

    objectives.replace(objective("premium", 9) + "---\nkind: Nonsense\n");
    rewrites.replace(exact("broken") + "extra: field\n");
    awaitReload(picker, "objectives", "refused", 1);
    awaitReload(picker, "rewrites", "refused", 1);
    assertServed(picker, "after", 7);

    objectives.replace(objective("premium", 9));
    rewrites.replace(exact("mended"));
    awaitReload(picker, "objectives", "applied", 2);
    awaitReload(picker, "rewrites", "applied", 2);
    assertServed(picker, "mended", 9);
  }

  private static void assertServed(RunningPicker picker, String target, int priority) {
    Asking.Routed routed =
        Asking.route(picker, objectiveHeader("premium"), completion("asked", "hello"));
    assertThat(routed.bodyText()).isEqualTo(completion(target, "hello"));
    assertThat(decision(picker).get("priority").asInt()).isEqualTo(priority);
  }

  @Test
  void aMountedConfigMapIsFollowed(@TempDir Path mount) throws IOException {
    Path first = Files.createDirectory(mount.resolve("..first"));
    Path second = Files.createDirectory(mount.resolve("..second"));
    Files.writeString(first.resolve("rewrites.yaml"), exact("before"));
    Files.writeString(second.resolve("rewrites.yaml"), exact("after"));
    Path data = Files.createSymbolicLink(mount.resolve("..data"), first.getFileName());
    Path file =
        Files.createSymbolicLink(
            mount.resolve("rewrites.yaml"), Path.of("..data", "rewrites.yaml"));
    RunningPicker picker = start("--rewrites-file=" + file);

    Path next = Files.createSymbolicLink(mount.resolve("..next"), second.getFileName());
    Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);
    awaitReload(picker, "rewrites", "applied", 1);

    assertThat(Asking.route(picker, Map.of(), completion("asked", "hello")).bodyText())
        .isEqualTo(completion("after", "hello"));
  }

  @Test
  void filesThatAreNotToBeFollowedAreReadOnce() {
    ReplacedFile rewrites = ReplacedFile.of(exact("before"));
    RunningPicker still = start("--rewrites-file=" + rewrites.path(), "--reload-config=false");
    RunningPicker following = start("--rewrites-file=" + rewrites.path());

    rewrites.replace(exact("after"));
    awaitReload(following, "rewrites", "applied", 1);

    assertThat(Asking.route(still, Map.of(), completion("asked", "hello")).bodyText())
        .isEqualTo(completion("before", "hello"));
  }

  @Test
  void noRequestFailsWhileFilesChange() throws InterruptedException {
    ReplacedFile objectives = ReplacedFile.of(objective("premium", 0));
    ReplacedFile rewrites = ReplacedFile.of(exact("served-0"));
    RunningPicker picker =
        start("--objectives-file=" + objectives.path(), "--rewrites-file=" + rewrites.path());
    Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    AtomicInteger served = new AtomicInteger();
    AtomicBoolean isOver = new AtomicBoolean();
    List<Thread> clients = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      clients.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    while (!isOver.get()) {
                      ask(picker, served, failures);
                    }
                  }));
    }

    for (int change = 1; change <= 10; change++) {
      objectives.replace(objective("premium", change));
      rewrites.replace(exact("served-" + change));
      awaitReload(picker, "objectives", "applied", change);
      awaitReload(picker, "rewrites", "applied", change);
      int before = served.get();
      await().atMost(PATIENCE).until(() -> served.get() > before);
    }
    isOver.set(true);
    for (Thread client : clients) {
      client.join();
    }

    assertThat(failures).isEmpty();
    assertServed(picker, "served-10", 10);
  }

  private static void ask(RunningPicker picker, AtomicInteger served, Queue<Throwable> failures) {
    try {
      String body =
          Asking.route(picker, objectiveHeader("premium"), completion("asked", "hello")).bodyText();
      assertThat(body).contains("\"model\":\"served-");
      served.incrementAndGet();
    } catch (AssertionError | RuntimeException e) {
      failures.add(e);
    }
  }

  @Test
  void aBrokenFileStopsTheStartWithItsPlaces() {
    ReplacedFile rewrites = ReplacedFile.of(exact("x") + "extra: field\n");
    String flag = "--rewrites-file=" + rewrites.path();

    assertThatThrownBy(
            () -> EndpointPicker.start(RunningPicker.options(CONFIGURATION, servers, flag)))
        .isInstanceOf(InvalidDocumentException.class)
        .hasMessageStartingWith(rewrites.path() + ":8:1: extra: unknown field \"extra\"; ");
  }

  @Test
  void aMissingFileStopsTheStart(@TempDir Path folder) {
    Path missing = folder.resolve("nothing.yaml");

    assertThatThrownBy(
            () ->
                EndpointPicker.start(
                    RunningPicker.options(CONFIGURATION, servers, "--objectives-file=" + missing)))
        .isInstanceOf(IOException.class)
        .hasMessage(missing + ": no such file");
  }

  @Test
  void withEndpointsFromElsewhereFilesAreRefused() {
    ReplacedFile objectives = ReplacedFile.of(objective("premium", 1));
    String configuration =
        CONFIGURATION.replace("dataLayer:\n  discovery: {pluginRef: endpoints}\n", "");

    assertThatThrownBy(
            () ->
                EndpointPicker.start(
                    RunningPicker.options(
                        configuration, servers, "--objectives-file=" + objectives.path())))
        .isInstanceOf(StartException.class)
        .hasMessage(
            "--objectives-file and --rewrites-file are for endpoints from a file; with endpoints"
                + " from Kubernetes, objectives and rewrites come from Kubernetes too");
  }
}
