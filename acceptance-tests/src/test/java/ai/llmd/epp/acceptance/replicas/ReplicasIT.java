package ai.llmd.epp.acceptance.replicas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.EnvoyProcess;
import ai.llmd.epp.acceptance.stack.Prompt;
import ai.llmd.epp.acceptance.stack.Replicas;
import ai.llmd.epp.acceptance.stack.SharedStore;
import ai.llmd.epp.acceptance.stack.Stack;
import ai.llmd.epp.acceptance.stack.SteadyLoad;
import ai.llmd.epp.acceptance.stack.SteadyLoad.Asked;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Requests of which many begin alike, on model servers that together hold each beginning about
 * twice: a picker that does not know what another one has sent where needs room for more copies
 * than there is.
 */
class ReplicasIT {

  private static final int REPLICAS = 3;
  private static final int PER_SECOND = 100;
  private static final int GROUPS = 60;
  private static final int ROUNDS = 20;
  private static final int SHARED_TOKENS = 1_500;
  private static final int OWN_TOKENS = 48;

  /** Of a server: 36 groups of the 20 that are its share; random shares hardly exceed 32. */
  private static final int CACHED_BLOCKS = 36 * (SHARED_TOKENS + OWN_TOKENS) / 16;

  private static final double ONE_POINT = 1;

  /** What one replica reaches; measured once, since it depends on nothing that a test changes. */
  private static double percentOfOneReplica = -1;

  @ParameterizedTest
  @EnumSource
  void findWhatIsCachedAsOftenAsOneReplicaDoes(SharedStore.Kind store) throws Exception {
    double one = percentOfOneReplica();
    double several = percentCached(store.name(), REPLICAS, store.start(REPLICAS));
    System.out.printf(
        Locale.ROOT,
        "prefix hit rate: %.2f %% with one replica, %.2f %% with %d through %s%n",
        one,
        several,
        REPLICAS,
        store);

    assertThat(several).isCloseTo(one, within(ONE_POINT));
  }

  /** The workload distinguishes sharing from not sharing, or the test above would prove nothing. */
  @Test
  void findLessWhenTheyShareNothing() throws Exception {
    double several = percentCached("alone", REPLICAS, new SharedStore.None());
    System.out.printf(
        Locale.ROOT, "prefix hit rate: %.2f %% with %d that share nothing%n", several, REPLICAS);

    assertThat(several).isLessThan(percentOfOneReplica() - 3 * ONE_POINT);
  }

  private static synchronized double percentOfOneReplica() throws Exception {
    if (percentOfOneReplica < 0) {
      percentOfOneReplica = percentCached("one", 1, new SharedStore.None());
    }
    return percentOfOneReplica;
  }

  private static double percentCached(String name, int count, SharedStore store) throws Exception {
    try (Stack stack = Stack.empty("replicas-" + name, false)) {
      stack.startSimulator(3, "2ms", CACHED_BLOCKS);
      Replicas replicas = stack.startReplicas(count, store);
      if (!(store instanceof SharedStore.None)) {
        await().atMost(Duration.ofSeconds(30)).until(replicas::areSharing);
      }
      EnvoyProcess envoy = stack.startEnvoy(EnvoyMode.FULL, replicas);
      List<Integer> order = order();

      List<Asked> asked =
          SteadyLoad.run(
              envoy.gateway(), PER_SECOND, order.size(), n -> prompt(order.get((int) n), n));

      assertThat(asked).hasSize(order.size());
      assertThat(asked.stream().filter(Asked::hasFailed)).isEmpty();
      assertThat(replicas.routed()).as("each took part").allMatch(n -> n > order.size() / 10);
      long prompt = asked.stream().mapToLong(Asked::promptTokens).sum();
      return 100.0 * asked.stream().mapToLong(Asked::cachedTokens).sum() / prompt;
    }
  }

  private static Prompt prompt(int group, long number) {
    return new Prompt(Words.text(group, SHARED_TOKENS), Words.text(-1 - number, OWN_TOKENS), 2);
  }

  /** Each round has each group once; the second as the first, so that nothing new is in a hurry. */
  private static List<Integer> order() {
    List<Integer> round = new ArrayList<>(IntStream.range(0, GROUPS).boxed().toList());
    List<Integer> order = new ArrayList<>(round);
    var random = new Random(1);
    for (int rounds = 1; rounds < ROUNDS; rounds++) {
      order.addAll(round);
      Collections.shuffle(round, random);
    }
    return order;
  }
}
