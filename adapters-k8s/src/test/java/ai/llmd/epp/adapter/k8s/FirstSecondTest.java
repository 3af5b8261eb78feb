package ai.llmd.epp.adapter.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.k8s.server.ApiServer;
import ai.llmd.epp.domain.rewrite.ModelRewrite;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What an API server answers in its first second: 429 as long as its cache fills, 403 until it
 * knows the roles, 404 until it knows the kinds. None of it is the truth.
 */
class FirstSecondTest {

  private final ApiServer server = ApiServer.withHistory();

  @BeforeEach
  void createPoolWithARewrite() {
    LlmdKinds.install(server);
    Pools.createWithTwoPods(server);
    server.client().resource(Pools.rewrite("old-names", "a", "b")).create();
  }

  @AfterEach
  void close() {
    server.close();
  }

  private static void assertRewritesFirst(Following following) {
    following.awaitNames("pod-1-rank-0", "pod-2-rank-0");
    assertThat(following.rewritesAtFirstEndpoint())
        .extracting(ModelRewrite::name)
        .containsExactly("old-names");
  }

  @Test
  void noRequestFindsAnEndpointBeforeTheRulesThatHoldForIt() {
    try (var following = Following.start(server)) {
      assertRewritesFirst(following);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {403, 429, 500, 503})
  void waitsForRulesWhoseListFailsForAPassingReason(int status) {
    server.refuse("/inferencemodelrewrites", status, 3);
    try (var following = Following.start(server)) {
      assertRewritesFirst(following);
    }
  }

  @Test
  void isNotKnownForAsLongAsAListFailsOtherwiseThanByARefusal() {
    server.refuse("/inferencemodelrewrites", 500, Integer.MAX_VALUE);
    try (var following = Following.start(server)) {
      await()
          .during(Following.QUICK.refusedFor().plusMillis(500))
          .atMost(Following.PATIENCE)
          .until(() -> !following.pool.isKnown() && following.names().isEmpty());

      server.permitEverything();

      assertRewritesFirst(following);
      following.awaitKnown();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {403, 404})
  void goesOnWithoutWhatIsRefusedForGood(int status) {
    server.refuse("/inferencemodelrewrites", status, Integer.MAX_VALUE);
    try (var following = Following.start(server)) {
      following.awaitNames("pod-1-rank-0", "pod-2-rank-0");
      following.awaitKnown();
      assertThat(following.rewrites()).isEmpty();
    }
  }

  @Test
  void doesNotTakeTheKindsOfAServerThatHasJustBegunForAllThereAre() {
    server.refuse("/apis/llm-d.ai/v1alpha2$", 404, 2);
    server.refuse("/readyz", 500, 2);
    try (var following = Following.start(server)) {
      assertRewritesFirst(following);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {403, 429, 503})
  void asksForTheKindsUntilThereIsAnAnswer(int status) {
    server.refuse("/apis/llm-d.ai/v1alpha2$", status, 2);
    try (var following = Following.start(server)) {
      assertRewritesFirst(following);
    }
  }

  @Test
  void triesToListWhatItMayNotAskFor() {
    server.refuse("/apis/llm-d.ai/v1alpha2$", 403, Integer.MAX_VALUE);
    try (var following = Following.start(server)) {
      assertRewritesFirst(following);
    }
  }
}
