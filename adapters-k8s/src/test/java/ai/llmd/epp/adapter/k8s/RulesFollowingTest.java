package ai.llmd.epp.adapter.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.k8s.api.InferenceModelRewriteResource;
import ai.llmd.epp.adapter.k8s.api.InferenceObjectiveResource;
import ai.llmd.epp.adapter.k8s.api.LegacyInferenceModelRewriteResource;
import ai.llmd.epp.adapter.k8s.api.LegacyInferenceObjectiveResource;
import ai.llmd.epp.adapter.k8s.api.PoolRef;
import ai.llmd.epp.adapter.k8s.connection.ApiConnection;
import ai.llmd.epp.adapter.k8s.server.ApiServer;
import ai.llmd.epp.application.port.out.WatchStatus;
import ai.llmd.epp.domain.objective.InferenceObjective;
import ai.llmd.epp.domain.rewrite.ModelRewrite;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Objectives and rewrites, and where they are looked for. */
class RulesFollowingTest {

  private final ApiServer server = new ApiServer();

  @BeforeEach
  void createPool() {
    server.client().resource(Pools.pool(8000)).create();
  }

  @AfterEach
  void close() {
    server.close();
  }

  private void put(HasMetadata object) {
    server.client().resource(object).createOr(existing -> existing.update());
  }

  private static void awaitObjectives(Following following, InferenceObjective... expected) {
    await()
        .atMost(Following.PATIENCE)
        .untilAsserted(() -> assertThat(following.objectives()).containsExactly(expected));
  }

  private static void awaitRewrites(Following following, String... names) {
    await()
        .atMost(Following.PATIENCE)
        .untilAsserted(
            () ->
                assertThat(following.rewrites())
                    .extracting(ModelRewrite::name)
                    .containsExactly(names));
  }

  @Test
  void followsObjectivesOfThePool() {
    LlmdKinds.install(server);
    try (var following = Following.start(server)) {
      following.awaitKnown();

      put(Pools.objective("gold", 2));
      awaitObjectives(following, new InferenceObjective("gold", 2));

      put(Pools.objective("gold", 5));
      awaitObjectives(following, new InferenceObjective("gold", 5));

      put(Pools.objective("plain", null));
      awaitObjectives(
          following, new InferenceObjective("gold", 5), new InferenceObjective("plain", null));

      put(objective("gold", 5, Pools.ref("another")));
      awaitObjectives(following, new InferenceObjective("plain", null));

      put(objective("gold", 5, new PoolRef("x.k8s.io", "InferencePool", Pools.NAME)));
      put(objective("gold", 6, new PoolRef(null, null, Pools.NAME)));
      awaitObjectives(
          following, new InferenceObjective("gold", 6), new InferenceObjective("plain", null));

      server.client().resource(Pools.objective("plain", null)).delete();
      awaitObjectives(following, new InferenceObjective("gold", 6));
    }
  }

  @Test
  void losesAnObjectiveThatIsBeingDeleted() {
    LlmdKinds.install(server);
    InferenceObjectiveResource held = Pools.objective("gold", 2);
    held.getMetadata().setFinalizers(List.of("a/b"));
    put(held);
    try (var following = Following.start(server)) {
      awaitObjectives(following, new InferenceObjective("gold", 2));

      server.client().resource(held).delete();

      awaitObjectives(following);
    }
  }

  @Test
  void followsRewritesOfThePool() {
    LlmdKinds.install(server);
    try (var following = Following.start(server)) {
      following.awaitKnown();

      put(Pools.rewrite("one", "a", "b"));
      awaitRewrites(following, "one");
      var stored = server.client().resource(Pools.rewrite("one", "a", "b")).get();
      assertThat(following.rewrites())
          .containsExactly(
              new ModelRewrite(
                  "one",
                  Instant.parse(stored.getMetadata().getCreationTimestamp()),
                  List.of(
                      new ModelRewrite.Rule(
                          List.of(new ModelRewrite.Match("a")),
                          List.of(new ModelRewrite.Target("b", 1))))));

      put(Pools.rewrite("two", "c", "d"));
      awaitRewrites(following, "one", "two");

      put(rewrite("two", Pools.ref("another"), 1));
      awaitRewrites(following, "one");

      put(rewrite("two", null, 1));
      put(rewrite("three", Pools.ref(Pools.NAME), 1));
      awaitRewrites(following, "one", "three");

      server.client().resource(Pools.rewrite("one", "a", "b")).delete();
      awaitRewrites(following, "three");
    }
  }

  @Test
  void keepsTheLastValidVersionOfARewrite() {
    LlmdKinds.install(server);
    put(rewrite("one", Pools.ref(Pools.NAME), 7));
    try (var following = Following.start(server)) {
      awaitRewrites(following, "one");

      put(rewrite("one", Pools.ref(Pools.NAME), -1));
      put(rewrite("two", Pools.ref(Pools.NAME), 1)); // and what follows is applied

      awaitRewrites(following, "one", "two");
      assertThat(following.rewrites().getFirst().rules().getFirst().targets())
          .containsExactly(new ModelRewrite.Target("b", 7));
    }
  }

  @Test
  void readsTheLegacyGroupWhereTheNewOneIsNotServed() {
    LlmdKinds.install(server, LlmdKinds.LEGACY, "InferenceObjective");
    LlmdKinds.install(server, LlmdKinds.LEGACY, "InferenceModelRewrite");
    put(legacyObjective("old"));
    put(
        Pools.rewrite(
            new LegacyInferenceModelRewriteResource(), "old", Pools.ref(Pools.NAME), "a", "b", 1));
    try (var following = Following.start(server)) {
      awaitObjectives(following, new InferenceObjective("old", 1));
      awaitRewrites(following, "old");
    }
  }

  @Test
  void ignoresTheLegacyGroupWhereTheNewOneIsServed() {
    LlmdKinds.install(server, LlmdKinds.LEGACY, "InferenceObjective");
    LlmdKinds.install(server, LlmdKinds.CURRENT, "InferenceObjective");
    put(legacyObjective("old"));
    put(Pools.objective("new", 2));
    try (var following = Following.start(server)) {
      awaitObjectives(following, new InferenceObjective("new", 2));
    }
  }

  @Test
  void knowsWhetherThereAreLegacyObjectsAboutThePool() {
    LlmdKinds.install(server, LlmdKinds.LEGACY, "InferenceObjective");
    try (var connection =
        ApiConnection.of(server.config(), ApiConnection.PING_EVERY, System::nanoTime)) {
      LegacyObjects legacy = new LegacyObjects(connection.client(), Pools.WATCHED);
      assertThat(legacy.hasObjectives()).isFalse();
      assertThat(legacy.hasRewrites()).isFalse();

      put(
          Pools.objective(
              new LegacyInferenceObjectiveResource(), "other", 1, Pools.ref("another")));
      assertThat(legacy.hasObjectives()).as("about another pool").isFalse();

      put(legacyObjective("old"));
      assertThat(legacy.hasObjectives()).isTrue();

      server.forbid("/inferenceobjectives");
      assertThat(legacy.hasObjectives()).as("not to be known").isFalse();
    }
  }

  @Test
  void choosesTheGroupForEachKindByItself() {
    LlmdKinds.install(server, LlmdKinds.LEGACY, "InferenceObjective");
    LlmdKinds.install(server, LlmdKinds.CURRENT, "InferenceModelRewrite");
    put(legacyObjective("old"));
    put(Pools.rewrite("new", "a", "b"));
    try (var following = Following.start(server)) {
      awaitObjectives(following, new InferenceObjective("old", 1));
      awaitRewrites(following, "new");
    }
  }

  @Test
  void doesWithoutKindsThatAreNotServed() {
    put(Pools.objective("gold", 2));
    try (var following = Following.start(server)) {
      following.awaitKnown();
      assertThat(following.objectives()).isEmpty();
      assertThat(following.pool.statuses())
          .extracting(WatchStatus::kind)
          .containsExactlyInAnyOrder("pods", "inferencepools");
    }
  }

  @Test
  void isKnownThoughObjectivesMayNotBeRead() {
    LlmdKinds.install(server);
    server.forbid("/namespaces/serving/inferenceobjectives");
    put(Pools.objective("gold", 2));
    try (var following = Following.start(server)) {
      following.awaitKnown();
      assertThat(following.objectives()).isEmpty();

      server.permitEverything();

      awaitObjectives(following, new InferenceObjective("gold", 2));
    }
  }

  private static InferenceObjectiveResource objective(String name, int priority, PoolRef ref) {
    return Pools.objective(new InferenceObjectiveResource(), name, priority, ref);
  }

  private static LegacyInferenceObjectiveResource legacyObjective(String name) {
    return Pools.objective(new LegacyInferenceObjectiveResource(), name, 1, Pools.ref(Pools.NAME));
  }

  private static InferenceModelRewriteResource rewrite(
      String name, @org.jspecify.annotations.Nullable PoolRef ref, int weight) {
    return Pools.rewrite(new InferenceModelRewriteResource(), name, ref, "a", "b", weight);
  }
}
