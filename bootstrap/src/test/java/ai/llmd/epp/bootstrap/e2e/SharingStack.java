package ai.llmd.epp.bootstrap.e2e;

import static org.awaitility.Awaitility.await;

import java.time.Duration;

/**
 * Three model servers, replicas that share, and Envoy in mode resilient: what the tests break.
 *
 * @param replicas as many as asked for
 */
record SharingStack(Stack stack, Replicas replicas, EnvoyProcess envoy) implements AutoCloseable {

  private static final int SERVERS = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  static SharingStack start(String name, int replicaCount, SharedStore store) throws Exception {
    Stack stack = Stack.empty(name, false);
    try {
      stack.startSimulator(SERVERS, "5ms");
      Replicas replicas = stack.startReplicas(replicaCount, store);
      return new SharingStack(stack, replicas, stack.startEnvoy(EnvoyMode.RESILIENT, replicas));
    } catch (RuntimeException e) {
      try (stack) {
        throw e;
      }
    }
  }

  /** Begins to ask, when every replica shares. */
  Episode begin(String episode) {
    await().atMost(PATIENCE).until(replicas::areSharing);
    return Episode.begin(episode, replicas, envoy);
  }

  @Override
  public void close() throws Exception {
    stack.close();
  }
}
