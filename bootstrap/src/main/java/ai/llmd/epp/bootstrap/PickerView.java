package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.admin.LiveView;
import ai.llmd.epp.application.health.PoolHealth;
import ai.llmd.epp.configuration.EffectiveConfiguration;
import ai.llmd.epp.configuration.ExplainedConfiguration;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.pool.PoolSnapshot;
import ai.llmd.epp.domain.prefix.PrefixCacheIndex;
import ai.llmd.epp.domain.scheduling.SchedulingProfile;
import ai.llmd.epp.domain.state.SharedState;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What the live page shows of this program. Reads; any thread.
 *
 * @param inForce the configuration that requests begin with now
 * @param startedAtMillis since 1970
 * @param bufferedBytes of bodies
 */
record PickerView(
    Wiring wiring,
    SharedState state,
    Supplier<EffectiveConfiguration> inForce,
    ConfigurationHistory history,
    Supplier<String> notReadyBecause,
    long startedAtMillis,
    BuildInfo build,
    LongSupplier bufferedBytes)
    implements LiveView {

  @Override
  public Pool pool() {
    PoolSnapshot snapshot = wiring.pool().current();
    List<PrefixCacheIndex> indexes = List.copyOf(state.prefixIndexes().values());
    List<Member> members = new ArrayList<>(snapshot.size());
    for (int i = 0; i < snapshot.size(); i++) {
      members.add(member(snapshot.member(i), indexes));
    }
    return new Pool(
        snapshot.name(),
        members,
        wiring.freshness(inForce.get()).staleAfterNanos(),
        wiring.shared().nanoClock().getAsLong());
  }

  private Member member(EndpointState endpoint, List<PrefixCacheIndex> indexes) {
    PoolHealth.Condition condition = wiring.health().condition(endpoint);
    long cached = 0;
    for (PrefixCacheIndex index : indexes) {
      cached += index.heldBlocks(endpoint.slot());
    }
    return new Member(
        endpoint.endpoint(),
        endpoint.load(),
        condition.state(),
        condition.isStarting(),
        cached,
        condition.inFlight(),
        state.peerRequests(endpoint));
  }

  @Override
  public Status status() {
    EffectiveConfiguration configuration = inForce.get();
    return new Status(
        build.version(),
        build.commit(),
        startedAtMillis,
        notReadyBecause.get(),
        wiring.waiting().requests().count(),
        bufferedBytes.getAsLong(),
        new State(state.prefixBlocks(), state.prefixBytes(), state.boundSessions()),
        wiring.replication().shown(configuration.stateStore().type()),
        new Configuration(
            wiring.options().configuration().file(),
            configuration.built().size(),
            configuration.scheduling().profiles().stream().map(PickerView::profile).toList(),
            configuration.warnings(),
            history.latest()));
  }

  private static Profile profile(SchedulingProfile profile) {
    return new Profile(
        profile.name(),
        profile.filters().stream().map(Named::name).toList(),
        profile.scorers().stream()
            .map(one -> new Scorer(one.scorer().name(), one.weight()))
            .toList(),
        profile.picker().name());
  }

  @Override
  public String configuration() {
    return new ExplainedConfiguration(inForce.get()).text();
  }
}
