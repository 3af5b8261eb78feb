package ai.llmd.epp.adapter.admin;

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
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;

/**
 * The page {@code /debug/plugins/state}, with the reference's members and orders: of each plugin
 * what it remembers, or that it does not show it.
 */
final class PluginStatePage implements AdminPage {

  static final String PATH = "/debug/plugins/state";

  /** Endpoints listed of each plugin, those with the most. */
  static final int MAX_LISTED = 100;

  private static final String UNTOLD = "plugin does not support state collection";

  private static final Comparator<Held> MOST_BLOCKS =
      Comparator.comparingLong(Held::blocks).reversed().thenComparing(Held::endpoint);
  private static final Comparator<Load> MOST_REQUESTS =
      Comparator.comparingLong(Load::requests)
          .thenComparingLong(Load::tokens)
          .reversed()
          .thenComparing(Load::endpoint);
  private static final Comparator<RunningOn> MOST_RUNNING =
      Comparator.comparingLong(RunningOn::requests).reversed().thenComparing(RunningOn::endpoint);

  private static final Comparator<Disagreement> MOST_DISAGREEING =
      Comparator.comparing(Disagreement::isFollowed)
          .thenComparing(Comparator.comparingLong(Disagreement::disagreed).reversed())
          .thenComparing(Disagreement::endpoint);

  private final PluginStates states;
  private final InstantSource clock;

  PluginStatePage(PluginStates states, InstantSource clock) {
    this.states = states;
    this.clock = clock;
  }

  @Override
  public Answer get(Request request) {
    JsonWriter json = new JsonWriter();
    json.beginObject().member("timestamp", clock.instant().toString());
    json.name("plugins").beginObject();
    states.now().stream()
        .sorted(Comparator.comparing(PluginState::name))
        .forEach(plugin -> plugin(json, plugin));
    return Answer.json(json.endObject().endObject().toString());
  }

  private static void plugin(JsonWriter json, PluginState plugin) {
    json.name(plugin.name()).beginObject();
    json.member("name", plugin.name()).member("type", plugin.type());
    switch (plugin.memory()) {
      case Untold() -> json.member("message", UNTOLD);
      case HeldBlocks blocks -> blocks(json.name("state"), blocks);
      case InFlight loads -> loads(json.name("state"), loads);
      case HeldItems items -> items(json.name("state"), items);
      case PickOrder order -> order(json.name("state"), order);
      case Running running -> running(json.name("state"), running);
      case CacheEvents events -> events(json.name("state"), events);
      case Programs programs ->
          json.name("state")
              .beginObject()
              .member("totalPrograms", programs.programs())
              .member("totalInFlight", programs.inFlight())
              .member("fairnessIndex", programs.fairnessIndex())
              .endObject();
    }
    json.endObject();
  }

  private static void blocks(JsonWriter json, HeldBlocks blocks) {
    held(json.beginObject(), blocks.endpoints(), "blocks");
    json.endObject();
  }

  private static void items(JsonWriter json, HeldItems items) {
    json.beginObject();
    listed(json, "podList", sorted(items.known()));
    json.member("totalKnownPods", items.known().size());
    held(json, items.endpoints(), "items");
    json.endObject();
  }

  private static void held(JsonWriter json, List<Held> endpoints, String unit) {
    json.name("pods").beginArray();
    endpoints.stream()
        .sorted(MOST_BLOCKS)
        .limit(MAX_LISTED)
        .forEach(
            one ->
                json.beginObject()
                    .member("pod", one.endpoint())
                    .member(unit, one.blocks())
                    .endObject());
    json.endArray().member("totalPods", endpoints.size()).member("maxPods", MAX_LISTED);
  }

  private static void listed(JsonWriter json, String name, List<String> texts) {
    json.name(name).beginArray();
    texts.stream().limit(MAX_LISTED).forEach(json::value);
    json.endArray();
  }

  private static List<String> sorted(List<String> texts) {
    return texts.stream().sorted().toList();
  }

  private static void order(JsonWriter json, PickOrder order) {
    listed(json.beginObject(), "endpoints", order.endpoints());
    json.member("totalEndpoints", order.endpoints().size())
        .member("maxEndpoints", MAX_LISTED)
        .endObject();
  }

  private static void running(JsonWriter json, Running running) {
    json.beginObject().name("endpoints").beginArray();
    running.endpoints().stream()
        .sorted(MOST_RUNNING)
        .limit(MAX_LISTED)
        .forEach(
            one ->
                json.beginObject()
                    .member("endpoint", one.endpoint())
                    .member("runningRequests", one.requests())
                    .member("minTpotSlo", one.leastTpotMillis())
                    .endObject());
    int all = running.endpoints().size();
    json.endArray()
        .member("totalEndpoints", all)
        .member("maxEndpoints", MAX_LISTED)
        .member("truncated", all > MAX_LISTED)
        .member(
            "trackedRequests", running.endpoints().stream().mapToLong(RunningOn::requests).sum())
        .endObject();
  }

  /** Ids of requests, which the reference lists, are the clients' and stay out. */
  private static void events(JsonWriter json, CacheEvents events) {
    listed(json.beginObject(), "subscribers", sorted(events.subscribers()));
    json.member("totalSubscribers", events.subscribers().size())
        .member("maxSubscribers", MAX_LISTED)
        .member("speculativeIndexing", events.isSpeculative());
    listed(json, "speculativeEntries", List.of());
    json.member("totalSpeculativeEntries", events.expectations())
        .member("maxSpeculativeEntries", MAX_LISTED)
        .member("blockSizeTokens", events.blockTokens());
    json.name("disagreements").beginArray();
    events.disagreements().stream()
        .sorted(MOST_DISAGREEING)
        .limit(MAX_LISTED)
        .forEach(
            one ->
                json.beginObject()
                    .member("pod", one.endpoint())
                    .member("cause", one.cause())
                    .member("followed", one.isFollowed())
                    .member("agreed", one.agreed())
                    .member("disagreed", one.disagreed())
                    .endObject());
    json.endArray().member("totalDisagreements", events.disagreements().size()).endObject();
  }

  private static void loads(JsonWriter json, InFlight loads) {
    json.beginObject().name("endpoints").beginArray();
    loads.endpoints().stream()
        .sorted(MOST_REQUESTS)
        .limit(MAX_LISTED)
        .forEach(
            one ->
                json.beginObject()
                    .member("endpoint", one.endpoint())
                    .member("requests", one.requests())
                    .member("tokens", one.tokens())
                    .endObject());
    int all = loads.endpoints().size();
    json.endArray()
        .member("totalEndpoints", all)
        .member("maxEndpoints", MAX_LISTED)
        .member("truncated", all > MAX_LISTED)
        .endObject();
  }
}
