package ai.llmd.epp.bootstrap.plugins;

import ai.llmd.epp.adapter.admin.PluginStates;
import ai.llmd.epp.application.latency.PredictedLatencyProducer;
import ai.llmd.epp.application.port.out.kvcache.KvCacheTruth;
import ai.llmd.epp.application.port.out.kvcache.KvCacheTruth.Cause;
import ai.llmd.epp.application.precise.HostingPrecisePrefixCacheScorer;
import ai.llmd.epp.application.precise.PrecisePrefixCacheProducer;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.facts.EncoderCacheMatches;
import ai.llmd.epp.domain.facts.InFlightLoad;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.flow.fairness.ProgramAwareFairness;
import ai.llmd.epp.domain.load.LoadLedger;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.pool.PoolSnapshot;
import ai.llmd.epp.domain.prefix.PrefixCacheIndex;
import ai.llmd.epp.domain.scheduling.scorer.NoHitLruScorer;
import ai.llmd.epp.domain.state.SharedState;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What plugins have learned: of the shared state, or of the instance itself. Any thread.
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
          new HeldBlocks(held(state.prefixIndexes().get(plugin.name()), members));
      case EncoderCacheMatches.DEFAULT_PRODUCER ->
          new HeldItems(ids(members), held(state.prefixIndexes().get(plugin.name()), members));
      case InFlightLoad.DEFAULT_PRODUCER -> loads(state.ledgers().get(plugin.name()), members);
      default -> own(plugin.plugin());
    };
  }

  /** What an instance keeps to itself. */
  private static Memory own(Object plugin) {
    return switch (plugin) {
      case NoHitLruScorer scorer ->
          new PickOrder(scorer.leastRecentFirst().stream().map(EndpointId::toString).toList());
      case PredictedLatencyProducer producer ->
          new Running(
              producer.running().stream()
                  .map(
                      load ->
                          new RunningOn(
                              load.endpoint().toString(), load.requests(), load.leastTpotMillis()))
                  .toList());
      case PrecisePrefixCacheProducer producer -> events(producer.following());
      case HostingPrecisePrefixCacheScorer scorer -> events(scorer.following());
      case ProgramAwareFairness policy -> programs(policy.programs());
      default -> new Untold();
    };
  }

  private static Memory events(PrecisePrefixCacheProducer.Following following) {
    return new CacheEvents(
        following.subscribers(),
        following.isSpeculative(),
        following.expectations(),
        following.blockTokens(),
        disagreements(following.truth()));
  }

  private static List<Disagreement> disagreements(Map<String, KvCacheTruth> truth) {
    List<Disagreement> found = new ArrayList<>();
    truth.forEach(
        (endpoint, one) -> {
          if (one.cause() != Cause.NONE || !one.isTrusted()) {
            found.add(
                new Disagreement(
                    endpoint,
                    one.cause().name().toLowerCase(Locale.ROOT),
                    one.isTrusted(),
                    one.agreed(),
                    one.fewer() + one.more() + one.otherTokens()));
          }
        });
    return found;
  }

  private static Memory programs(List<ProgramAwareFairness.Figures> programs) {
    return new Programs(
        programs.size(),
        programs.stream().mapToLong(ProgramAwareFairness.Figures::inFlight).sum(),
        ProgramAwareFairness.fairnessIndex(programs));
  }

  private static List<String> ids(PoolSnapshot members) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < members.size(); i++) {
      ids.add(members.member(i).endpoint().id().toString());
    }
    return ids;
  }

  /** Of the endpoints that hold any. */
  private static List<Held> held(@Nullable PrefixCacheIndex index, PoolSnapshot members) {
    List<Held> held = new ArrayList<>();
    for (int i = 0; index != null && i < members.size(); i++) {
      EndpointState member = members.member(i);
      long blocks = index.heldBlocks(member.slot());
      if (blocks > 0) {
        held.add(new Held(member.endpoint().id().toString(), blocks));
      }
    }
    return held;
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
