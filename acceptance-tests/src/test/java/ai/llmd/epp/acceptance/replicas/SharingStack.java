package ai.llmd.epp.acceptance.replicas;

import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.EnvoyProcess;
import ai.llmd.epp.acceptance.stack.Replicas;
import ai.llmd.epp.acceptance.stack.SharedStore;
import ai.llmd.epp.acceptance.stack.Stack;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Three model servers, replicas that share, and Envoy in mode resilient: what the tests break.
 *
 * @param patience how long the replicas may take until all of them share
 */
record SharingStack(Stack stack, Replicas replicas, EnvoyProcess envoy, Duration patience)
    implements AutoCloseable {

  private static final int SERVERS = 3;

  /**
   * @param store asked for when it is needed: where there is no Envoy, the test is skipped before
   */
  static SharingStack start(
      String name, int replicaCount, Supplier<SharedStore> store, Duration patience)
      throws Exception {
    Stack stack = Stack.empty(name, false);
    try {
      stack.startSimulator(SERVERS, "5ms");
      Replicas replicas = stack.startReplicasThatFollowPrefixes(replicaCount, store.get());
      EnvoyProcess envoy = stack.startEnvoy(EnvoyMode.RESILIENT, replicas);
      return new SharingStack(stack, replicas, envoy, patience);
    } catch (RuntimeException e) {
      try (stack) {
        throw e;
      }
    }
  }

  /** Begins to ask, when every replica shares. */
  Episode begin(String episode) {
    await().atMost(patience).until(replicas::areSharing);
    return Episode.begin(episode, replicas, envoy);
  }

  @Override
  public void close() throws Exception {
    stack.close();
  }
}
