package ai.llmd.epp.adapter.admin;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.admin.PluginStates.CacheEvents;
import ai.llmd.epp.adapter.admin.PluginStates.Disagreement;
import ai.llmd.epp.adapter.admin.PluginStates.Held;
import ai.llmd.epp.adapter.admin.PluginStates.HeldBlocks;
import ai.llmd.epp.adapter.admin.PluginStates.HeldItems;
import ai.llmd.epp.adapter.admin.PluginStates.InFlight;
import ai.llmd.epp.adapter.admin.PluginStates.Load;
import ai.llmd.epp.adapter.admin.PluginStates.PickOrder;
import ai.llmd.epp.adapter.admin.PluginStates.PluginState;
import ai.llmd.epp.adapter.admin.PluginStates.Programs;
import ai.llmd.epp.adapter.admin.PluginStates.Running;
import ai.llmd.epp.adapter.admin.PluginStates.RunningOn;
import ai.llmd.epp.adapter.admin.PluginStates.Untold;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class PluginStatePageTest {

  private static final Instant NOW = Instant.parse("2026-11-29T12:00:00.000000001Z");

  private static String page(PluginState... plugins) {
    AdminPage.Answer answer =
        new PluginStatePage(() -> List.of(plugins), () -> NOW)
            .get(new AdminPage.Request(Map.of(), PageHeaders.NONE));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.headers()).containsEntry("Content-Type", "application/json");
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  @Test
  void showsThePluginsByNameAndWhatTheyRememberTheMostFirst() {
    assertThat(
            page(
                new PluginState("queue", "queue-scorer", new Untold()),
                new PluginState(
                    "load",
                    "inflight-load-producer",
                    new InFlight(
                        List.of(
                            new Load("ns/a", 1, 900),
                            new Load("ns/c", 2, 10),
                            new Load("ns/b", 2, 10)))),
                new PluginState(
                    "approx",
                    "approx-prefix-cache-producer",
                    new HeldBlocks(
                        List.of(new Held("ns/b", 5), new Held("ns/a", 5), new Held("ns/c", 70))))))
        .isEqualTo(
            "{\"timestamp\":\"2026-11-29T12:00:00.000000001Z\",\"plugins\":{"
                + "\"approx\":{\"name\":\"approx\",\"type\":\"approx-prefix-cache-producer\","
                + "\"state\":{\"pods\":[{\"pod\":\"ns/c\",\"blocks\":70},"
                + "{\"pod\":\"ns/a\",\"blocks\":5},{\"pod\":\"ns/b\",\"blocks\":5}],"
                + "\"totalPods\":3,\"maxPods\":100}},"
                + "\"load\":{\"name\":\"load\",\"type\":\"inflight-load-producer\","
                + "\"state\":{\"endpoints\":[{\"endpoint\":\"ns/b\",\"requests\":2,\"tokens\":10},"
                + "{\"endpoint\":\"ns/c\",\"requests\":2,\"tokens\":10},"
                + "{\"endpoint\":\"ns/a\",\"requests\":1,\"tokens\":900}],"
                + "\"totalEndpoints\":3,\"maxEndpoints\":100,\"truncated\":false}},"
                + "\"queue\":{\"name\":\"queue\",\"type\":\"queue-scorer\","
                + "\"message\":\"plugin does not support state collection\"}}}");
  }

  /** What a plugin shows of its state. */
  private static String state(PluginStates.Memory memory) {
    return new ObjectMapper()
        .readTree(page(new PluginState("a", "t", memory)))
        .at("/plugins/a/state")
        .toString();
  }

  @Test
  void showsWhichItemsEncoderCachesHold() {
    assertThat(
            state(
                new HeldItems(
                    List.of("ns/b", "ns/c", "ns/a"),
                    List.of(new Held("ns/c", 1), new Held("ns/b", 3)))))
        .isEqualTo(
            "{\"podList\":[\"ns/a\",\"ns/b\",\"ns/c\"],\"totalKnownPods\":3,"
                + "\"pods\":[{\"pod\":\"ns/b\",\"items\":3},{\"pod\":\"ns/c\",\"items\":1}],"
                + "\"totalPods\":2,\"maxPods\":100}");
  }

  @Test
  void showsThePickThatIsTheLongestAgoFirst() {
    assertThat(state(new PickOrder(List.of("ns/b", "ns/a"))))
        .isEqualTo("{\"endpoints\":[\"ns/b\",\"ns/a\"],\"totalEndpoints\":2,\"maxEndpoints\":100}");
  }

  @Test
  void showsTheStrictestObjectiveOfTheRequestsThatRun() {
    assertThat(
            state(new Running(List.of(new RunningOn("ns/a", 0, 0), new RunningOn("ns/b", 2, 30)))))
        .isEqualTo(
            "{\"endpoints\":[{\"endpoint\":\"ns/b\",\"runningRequests\":2,\"minTpotSlo\":30.0},"
                + "{\"endpoint\":\"ns/a\",\"runningRequests\":0,\"minTpotSlo\":0.0}],"
                + "\"totalEndpoints\":2,\"maxEndpoints\":100,\"truncated\":false,"
                + "\"trackedRequests\":2}");
  }

  @Test
  void showsWhoseCacheEventsAreFollowedAndNoIdOfARequest() {
    assertThat(state(new CacheEvents(List.of("ns/b", "ns/a"), true, 7, 64, List.of())))
        .isEqualTo(
            "{\"subscribers\":[\"ns/a\",\"ns/b\"],\"totalSubscribers\":2,\"maxSubscribers\":100,"
                + "\"speculativeIndexing\":true,\"speculativeEntries\":[],"
                + "\"totalSpeculativeEntries\":7,\"maxSpeculativeEntries\":100,"
                + "\"blockSizeTokens\":64,\"disagreements\":[],\"totalDisagreements\":0}");
  }

  @Test
  void showsWhoseCacheIsNotAsPredictedAndWhyThoseThatAreNotFollowedFirst() {
    List<Disagreement> disagreements =
        List.of(
            new Disagreement("ns/b", "template", true, 0, 30),
            new Disagreement("ns/a", "block_size", false, 2, 18));

    assertThat(state(new CacheEvents(List.of(), false, 0, 16, disagreements)))
        .endsWith(
            "\"disagreements\":[{\"pod\":\"ns/a\",\"cause\":\"block_size\",\"followed\":false,"
                + "\"agreed\":2,\"disagreed\":18},{\"pod\":\"ns/b\",\"cause\":\"template\","
                + "\"followed\":true,\"agreed\":0,\"disagreed\":30}],\"totalDisagreements\":2}");
  }

  @Test
  void showsHowFairlyProgramsAreTreatedWithoutTheirNames() {
    assertThat(state(new Programs(3, 5, 0.75)))
        .isEqualTo("{\"totalPrograms\":3,\"totalInFlight\":5,\"fairnessIndex\":0.75}");
  }

  @Test
  void listsAHundredEndpointsOfEachAndCountsTheOthers() {
    List<Load> loads = new ArrayList<>();
    List<Held> blocks = new ArrayList<>();
    List<String> names = new ArrayList<>();
    List<RunningOn> running = new ArrayList<>();
    List<Disagreement> disagreements = new ArrayList<>();
    for (int i = 0; i < 101; i++) {
      loads.add(new Load("ns/" + i, i, 0));
      blocks.add(new Held("ns/" + i, i));
      names.add("ns/" + i);
      running.add(new RunningOn("ns/" + i, i, 0));
      disagreements.add(new Disagreement("ns/" + i, "stale", true, 0, i));
    }

    JsonNode plugins =
        new ObjectMapper()
            .readTree(
                page(
                    new PluginState("a", "t", new InFlight(loads)),
                    new PluginState("b", "t", new HeldBlocks(blocks)),
                    new PluginState("c", "t", new HeldItems(names, blocks)),
                    new PluginState("d", "t", new PickOrder(names)),
                    new PluginState("e", "t", new Running(running)),
                    new PluginState("f", "t", new CacheEvents(names, false, 0, 16, disagreements))))
            .at("/plugins");

    assertThat(plugins.at("/a/state/endpoints").size()).isEqualTo(100);
    assertThat(plugins.at("/a/state/endpoints/0/requests").asInt()).isEqualTo(100);
    assertThat(plugins.at("/a/state/totalEndpoints").asInt()).isEqualTo(101);
    assertThat(plugins.at("/a/state/truncated").asBoolean()).isTrue();
    assertThat(plugins.at("/b/state/pods").size()).isEqualTo(100);
    assertThat(plugins.at("/b/state/totalPods").asInt()).isEqualTo(101);
    for (String list :
        List.of("/c/state/podList", "/c/state/pods", "/d/state/endpoints", "/e/state/endpoints")) {
      assertThat(plugins.at(list).size()).as(list).isEqualTo(100);
    }
    assertThat(plugins.at("/c/state/totalKnownPods").asInt()).isEqualTo(101);
    assertThat(plugins.at("/d/state/totalEndpoints").asInt()).isEqualTo(101);
    assertThat(plugins.at("/e/state/truncated").asBoolean()).isTrue();
    assertThat(plugins.at("/f/state/subscribers").size()).isEqualTo(100);
    assertThat(plugins.at("/f/state/totalSubscribers").asInt()).isEqualTo(101);
    assertThat(plugins.at("/f/state/disagreements").size()).isEqualTo(100);
    assertThat(plugins.at("/f/state/totalDisagreements").asInt()).isEqualTo(101);
  }
}
