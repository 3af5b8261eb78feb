package ai.llmd.epp.bootstrap.plugins;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.admin.PluginStates.Held;
import ai.llmd.epp.adapter.admin.PluginStates.HeldBlocks;
import ai.llmd.epp.adapter.admin.PluginStates.HeldItems;
import ai.llmd.epp.adapter.admin.PluginStates.InFlight;
import ai.llmd.epp.adapter.admin.PluginStates.Load;
import ai.llmd.epp.adapter.admin.PluginStates.PickOrder;
import ai.llmd.epp.adapter.admin.PluginStates.PluginState;
import ai.llmd.epp.adapter.admin.PluginStates.Programs;
import ai.llmd.epp.adapter.admin.PluginStates.Untold;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.flow.fairness.ProgramAwareFairness;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.pool.PoolSnapshot;
import ai.llmd.epp.domain.prefix.PrefixBlocks;
import ai.llmd.epp.domain.scheduling.scorer.NoHitLruScorer;
import ai.llmd.epp.domain.state.SharedState;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LearnedStatesTest {

  private static EndpointState member(int slot) {
    return new EndpointState(
        slot,
        1,
        Endpoint.of(new EndpointId("ns", "pod-" + slot), "10.0.0." + slot, 8000, Map.of()));
  }

  private static Named<?> named(String name, String type) {
    return new Named<>(name, type, name);
  }

  @Test
  void showsBlocksAndWorkOfTheMembersByTheNamesOfThePlugins() {
    SharedState state = new SharedState(SharedState.Budget.DEFAULT);
    PoolSnapshot pool = PoolSnapshot.of("pool", List.of(member(0), member(1)));
    state
        .prefixIndex("approx")
        .record(1, new PrefixBlocks(new long[] {1, 2}, new int[] {2}, 64), 9);
    state.ledger("load").open(0, 1, 3, 40);
    List<Named<?>> plugins =
        List.of(
            named("approx", "approx-prefix-cache-producer"),
            named("load", "inflight-load-producer"),
            named("idle", "inflight-load-producer"),
            named("queue", "queue-scorer"));

    assertThat(new LearnedStates(() -> plugins, () -> pool, state).now())
        .containsExactly(
            new PluginState(
                "approx",
                "approx-prefix-cache-producer",
                new HeldBlocks(List.of(new Held("ns/pod-1", 2)))),
            new PluginState(
                "load",
                "inflight-load-producer",
                new InFlight(List.of(new Load("ns/pod-0", 3, 40), new Load("ns/pod-1", 0, 0)))),
            new PluginState("idle", "inflight-load-producer", new InFlight(List.of())),
            new PluginState("queue", "queue-scorer", new Untold()));
  }

  @Test
  void showsWhatInstancesKeepToThemselves() {
    SharedState state = new SharedState(SharedState.Budget.DEFAULT);
    PoolSnapshot pool = PoolSnapshot.of("pool", List.of(member(0), member(1)));
    state
        .prefixIndex("media")
        .record(0, new PrefixBlocks(new long[] {1, 2}, new int[] {1, 2}, 1), 9);
    List<Named<?>> plugins =
        List.of(
            named("media", "mm-embeddings-cache-producer"),
            new Named<>(
                "lru",
                "no-hit-lru-scorer",
                new NoHitLruScorer(NoHitLruScorer.TYPE.defaults(), "lru")),
            new Named<>(
                "fair",
                "program-aware-fairness",
                new ProgramAwareFairness(ProgramAwareFairness.TYPE.defaults(), () -> 0)));

    assertThat(new LearnedStates(() -> plugins, () -> pool, state).now())
        .extracting(PluginState::memory)
        .containsExactly(
            new HeldItems(List.of("ns/pod-0", "ns/pod-1"), List.of(new Held("ns/pod-0", 2))),
            new PickOrder(List.of()),
            new Programs(0, 0, 1));
  }
}
