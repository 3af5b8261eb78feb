package ai.llmd.epp.acceptance.reload;

import static ai.llmd.epp.acceptance.inprocess.Asking.completion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.dialogue.Messages;
import ai.llmd.epp.bootstrap.ClosingPlugins;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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

class ConfigurationReloadTest {

  private static final String INFLIGHT = "llm_d_epp_inflight_requests";
  private static final String INDEXED = "llm_d_epp_prefix_indexer_size";
  private static final String LONG_PROMPT =
      "all work and no play makes jack a dull boy ".repeat(60);

  /** The first has the shorter queue, the second the emptier cache. */
  private final List<ModelServer> servers =
      List.of(ModelServer.loaded("short", 0, 0.9), ModelServer.loaded("empty", 9, 0.1));

  private final List<AutoCloseable> opened = new ArrayList<>();

  @TempDir Path folder;

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable one : opened.reversed()) {
      one.close();
    }
    servers.forEach(ModelServer::close);
  }

  /** A configuration that weighs queues and caches, with these plugins besides. */
  private static String weighing(int queue, int cache, String... plugins) {
    StringBuilder more = new StringBuilder();
    for (String plugin : plugins) {
      more.append("- ").append(plugin).append('\n');
    }
    return """
    plugins:
    - {name: endpoints, type: file-discovery, parameters: {path: "${ENDPOINTS_FILE}"}}
    - {type: queue-scorer}
    - {type: kv-cache-utilization-scorer}
    %sdataLayer: {discovery: {pluginRef: endpoints}}
    schedulingProfiles:
    - name: default
      plugins:
      - {pluginRef: queue-scorer, weight: %d}
      - {pluginRef: kv-cache-utilization-scorer, weight: %d}
    """
        .formatted(more, queue, cache);
  }

  private FollowedFile follow(String configuration) {
    return follow(folder.resolve("epp.yaml"), configuration);
  }

  private FollowedFile follow(Path file, String configuration) {
    FollowedFile followed = new FollowedFile(file, configuration, servers);
    opened.add(followed);
    return followed;
  }

  private String destination(FollowedFile followed) {
    return destination(followed, "hello");
  }

  private String destination(FollowedFile followed, String prompt) {
    String address =
        Asking.route(followed.picker(), Map.of(), completion("m", prompt)).destination();
    return servers.stream()
        .filter(server -> server.hostPort().equals(address))
        .findFirst()
        .orElseThrow()
        .name();
  }

  @Test
  void newRequestsGoByTheNewWeights() {
    FollowedFile followed = follow(weighing(1, 0));
    assertThat(destination(followed)).isEqualTo("short");

    followed.apply(weighing(0, 1));

    assertThat(destination(followed)).isEqualTo("empty");
  }

  @Test
  void aFileThatIsWrongIsRefusedAsAWholeAndTheOldOneStays() {
    FollowedFile followed = follow(weighing(1, 0));

    followed.refuse(weighing(0, 1, "{type: queue-scorrer}"));

    assertThat(destination(followed)).isEqualTo("short");
    assertThat(followed.picker().get("/readyz").statusCode()).isEqualTo(200);
    followed.apply(weighing(0, 1));
    assertThat(destination(followed)).isEqualTo("empty");
  }

  @Test
  void aFileThatVanishesIsRefusedAndItsReturnIsNoticed() throws Exception {
    Path file = folder.resolve("epp.yaml");
    FollowedFile followed = follow(file, weighing(1, 0));

    Files.delete(file);
    await().until(() -> followed.refused() == 1);
    assertThat(destination(followed)).isEqualTo("short");

    followed.apply(weighing(0, 1));
    assertThat(destination(followed)).isEqualTo("empty");
  }

  @Test
  void whatIsSettledAtTheStartCannotChange() {
    FollowedFile followed = follow(weighing(1, 0));

    followed.refuse(weighing(0, 1).replace("parameters: {", "parameters: {watchFile: true, "));
    followed.refuse(weighing(0, 1) + "stateStore: {type: memory, memory: {maxSessions: 7}}\n");

    assertThat(destination(followed)).isEqualTo("short");
  }

  @Test
  void aConfigMapThatIsSwappedIsFollowed() throws Exception {
    for (String version : List.of("v1", "v2")) {
      Files.createDirectory(folder.resolve(version));
    }
    Path data = Files.createSymbolicLink(folder.resolve("..data"), Path.of("v1"));
    Path file = Files.createSymbolicLink(folder.resolve("epp.yaml"), Path.of("..data/epp.yaml"));
    Files.createFile(folder.resolve("v1/epp.yaml"));
    FollowedFile followed = followLink(file, weighing(1, 0));
    followed.replace(folder.resolve("v2/epp.yaml"), weighing(0, 1));

    Path next = Files.createSymbolicLink(folder.resolve("..data_tmp"), Path.of("v2"));
    Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);

    await().until(() -> followed.applied() == 1);
    assertThat(destination(followed)).isEqualTo("empty");
  }

  /** Writes through the links instead of replacing them. */
  private FollowedFile followLink(Path link, String configuration) throws Exception {
    FollowedFile followed = new FollowedFile(link.toRealPath(), link, configuration, servers);
    opened.add(followed);
    return followed;
  }

  @Test
  void aStreamThatSpansAChangeReleasesWhatItCounted() {
    FollowedFile followed = follow(weighing(1, 0, "{type: inflight-load-producer}"));
    RunningPicker picker = followed.picker();
    Dialogue streamed = Asking.open(picker, Map.of(), completion("m", "hello"));
    Asking.routed(streamed);
    streamed.send(Messages.responseHeaders(false, "content-type", "text/event-stream"));
    streamed.next();
    picker.awaitSum(INFLIGHT, 1);

    followed.apply(weighing(0, 1, "{type: inflight-load-producer}"));
    picker.awaitSum(INFLIGHT, 1);
    followed.apply(
        weighing(
            0, 1, "{type: inflight-load-producer, parameters: {addEstimatedOutputTokens: true}}"));
    Asking.route(picker, Map.of(), completion("m", "hello"));
    picker.awaitSum(INFLIGHT, 1);
    followed.apply(weighing(0, 1));
    picker.awaitSum(INFLIGHT, 1);

    streamed.send(Messages.responseBody("data: [DONE]\n\n", true));
    streamed.next();
    assertThat(streamed.halfClose().end().isOk()).isTrue();
    picker.awaitSum(INFLIGHT, 0);
  }

  @Test
  void aPluginThatIsGoneIsClosedWhenTheLastStreamThatUsesItHasEnded() {
    FollowedFile followed =
        follow(weighing(1, 0, "{type: closing-follower, parameters: {tag: old}}"));
    Dialogue open = Asking.open(followed.picker(), Map.of(), completion("m", "hello"));
    Asking.routed(open);

    followed.apply(weighing(1, 0, "{type: closing-follower, parameters: {tag: new}}"));
    followed.apply(weighing(1, 0));
    await().until(() -> ClosingPlugins.eventsOf("new").contains("closed"));
    assertThat(ClosingPlugins.eventsOf("old")).doesNotContain("ended", "closed");

    open.halfClose().end();
    await().until(() -> ClosingPlugins.eventsOf("old").contains("closed"));
    assertThat(ClosingPlugins.eventsOf("old")).endsWith("ended", "closed");
  }

  @Test
  void whatIsKnownOfPrefixesSurvivesOtherWeights() {
    String prefix = "{type: prefix-cache-scorer}";
    String reference = "  - {pluginRef: prefix-cache-scorer, weight: %d}\n";
    FollowedFile followed = follow(weighing(0, 0, prefix) + reference.formatted(1));
    String first = destination(followed, LONG_PROMPT);
    double indexed = awaitIndexed(followed);

    followed.apply(weighing(0, 0, prefix) + reference.formatted(5));

    assertThat(indexed(followed)).isEqualTo(indexed);
    for (int i = 0; i < 10; i++) {
      assertThat(destination(followed, LONG_PROMPT)).isEqualTo(first);
    }
  }

  @Test
  void aProducerWithOtherParametersStartsAfresh() {
    String producer =
        "{type: approx-prefix-cache-producer, parameters: {lruCapacityPerServer: %d}}";
    FollowedFile followed = follow(weighing(1, 0, producer.formatted(1000)));
    destination(followed, LONG_PROMPT);
    awaitIndexed(followed);

    followed.apply(weighing(1, 0, producer.formatted(2000)));
    followed.picker().awaitSum(INDEXED, 0);

    destination(followed, LONG_PROMPT);
    awaitIndexed(followed);
    followed.apply(weighing(1, 0));
    assertThat(followed.picker().metrics().text()).doesNotContain(INDEXED + "{");
  }

  /** Blocks are recorded a moment after the answer. */
  private static double awaitIndexed(FollowedFile followed) {
    return await().until(() -> indexed(followed), blocks -> blocks > 0);
  }

  private static double indexed(FollowedFile followed) {
    return followed.picker().metrics().sum(INDEXED);
  }

  @Test
  void noRequestFailsWhileConfigurationsChange() throws Exception {
    FollowedFile followed = follow(variant(0));
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
                      ask(followed.picker(), served, failures);
                    }
                  }));
    }

    for (int change = 1; change <= 20; change++) {
      int before = served.get();
      followed.apply(variant(change));
      await().until(() -> served.get() > before);
    }

    isOver.set(true);
    for (Thread client : clients) {
      client.join();
    }
    assertThat(failures).isEmpty();
    assertThat(followed.refused()).isZero();
    followed.picker().awaitSum(INFLIGHT, 0);
  }

  private static void ask(RunningPicker picker, AtomicInteger served, Queue<Throwable> failures) {
    try {
      Dialogue dialogue = Asking.open(picker, Map.of(), completion("m", LONG_PROMPT));
      Asking.routed(dialogue);
      dialogue.send(Messages.responseHeaders(false, "content-type", "text/event-stream"));
      dialogue.next();
      dialogue.send(Messages.responseBody("data: [DONE]\n\n", true));
      dialogue.next();
      assertThat(dialogue.halfClose().end().isOk()).isTrue();
      served.incrementAndGet();
    } catch (AssertionError | RuntimeException e) {
      failures.add(e);
    }
  }

  /** Each differs from the one before in weights, and in turn in a picker, producer or source. */
  private static String variant(int number) {
    return switch (number % 4) {
      case 0 -> weighing(number, 1, "{type: inflight-load-producer}");
      case 1 ->
          weighing(
              1,
              number,
              "{type: inflight-load-producer, parameters: {addEstimatedOutputTokens: true}}",
              "{type: weighted-random-picker}");
      case 2 ->
          weighing(
              number,
              1,
              "{type: approx-prefix-cache-producer}",
              "{type: metrics-data-source, parameters: {interval: 100ms}}");
      default -> weighing(1, number, "{type: prefix-cache-scorer}", "{type: random-picker}");
    };
  }
}
