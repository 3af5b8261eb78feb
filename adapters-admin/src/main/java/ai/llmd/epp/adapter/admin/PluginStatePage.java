package ai.llmd.epp.adapter.admin;

import ai.llmd.epp.adapter.admin.PluginStates.Held;
import ai.llmd.epp.adapter.admin.PluginStates.HeldBlocks;
import ai.llmd.epp.adapter.admin.PluginStates.InFlight;
import ai.llmd.epp.adapter.admin.PluginStates.Load;
import ai.llmd.epp.adapter.admin.PluginStates.PluginState;
import ai.llmd.epp.adapter.admin.PluginStates.Untold;
import java.time.InstantSource;
import java.util.Comparator;

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
    }
    json.endObject();
  }

  private static void blocks(JsonWriter json, HeldBlocks blocks) {
    json.beginObject().name("pods").beginArray();
    blocks.endpoints().stream()
        .sorted(MOST_BLOCKS)
        .limit(MAX_LISTED)
        .forEach(
            one ->
                json.beginObject()
                    .member("pod", one.endpoint())
                    .member("blocks", one.blocks())
                    .endObject());
    json.endArray()
        .member("totalPods", blocks.endpoints().size())
        .member("maxPods", MAX_LISTED)
        .endObject();
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
