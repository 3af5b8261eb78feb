package ai.llmd.epp.bootstrap.plugins;

import ai.llmd.epp.adapter.admin.PluginStates;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.facts.InFlightLoad;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.load.LoadLedger;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.pool.PoolSnapshot;
import ai.llmd.epp.domain.prefix.PrefixCacheIndex;
import ai.llmd.epp.domain.state.SharedState;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What plugins have learned, as far as it is in the shared state. Any thread.
 *
 * @param plugins in force
 * @param state of this replica
 */
public record LearnedStates(
    Supplier<List<? extends Named<?>>> plugins, Supplier<PoolSnapshot> pool, SharedState state)
    implements PluginStates {

  @Override
  public List<PluginState> now() {
    PoolSnapshot members = pool.get();
    List<PluginState> states = new ArrayList<>();
    for (Named<?> plugin : plugins.get()) {
      states.add(new PluginState(plugin.name(), plugin.type(), memory(plugin, members)));
    }
    return states;
  }

  private Memory memory(Named<?> plugin, PoolSnapshot members) {
    return switch (plugin.type()) {
      case PrefixMatches.DEFAULT_PRODUCER ->
          blocks(state.prefixIndexes().get(plugin.name()), members);
      case InFlightLoad.DEFAULT_PRODUCER -> loads(state.ledgers().get(plugin.name()), members);
      default -> new Untold();
    };
  }

  /** Of the endpoints that hold any. */
  private static Memory blocks(@Nullable PrefixCacheIndex index, PoolSnapshot members) {
    List<Held> held = new ArrayList<>();
    for (int i = 0; index != null && i < members.size(); i++) {
      EndpointState member = members.member(i);
      long blocks = index.heldBlocks(member.slot());
      if (blocks > 0) {
        held.add(new Held(member.endpoint().id().toString(), blocks));
      }
    }
    return new HeldBlocks(held);
  }

  private static Memory loads(@Nullable LoadLedger ledger, PoolSnapshot members) {
    List<Load> loads = new ArrayList<>();
    for (int i = 0; ledger != null && i < members.size(); i++) {
      EndpointState member = members.member(i);
      loads.add(
          new Load(
              member.endpoint().id().toString(),
              ledger.ownRequests(member.slot()),
              ledger.ownTokens(member.slot())));
    }
    return new InFlight(loads);
  }
}
