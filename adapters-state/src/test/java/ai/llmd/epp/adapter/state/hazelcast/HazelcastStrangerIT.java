package ai.llmd.epp.adapter.state.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hazelcast.client.HazelcastClient;
import com.hazelcast.client.config.ClientConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.EntryProcessor;
import java.io.Serializable;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who knows the cluster's name and is no replica. */
class HazelcastStrangerIT {

  @RegisterExtension static final LoopbackMember MEMBER = new LoopbackMember();

  private static final AtomicInteger RUNS = new AtomicInteger();

  /** A task of the stranger's own. */
  private static final class Task implements Callable<Integer>, Serializable {

    private static final long serialVersionUID = 1L;

    @Override
    public Integer call() {
      return RUNS.incrementAndGet();
    }
  }

  private static final class Processor implements EntryProcessor<String, Object, Integer> {

    private static final long serialVersionUID = 1L;

    @Override
    public Integer process(Map.Entry<String, Object> entry) {
      return RUNS.incrementAndGet();
    }
  }

  /** A set whose hash takes longer with each level, of classes that every JDK has. */
  private static final class SlowKey implements Callable<Integer>, Serializable {

    private static final long serialVersionUID = 1L;
    private final Set<Object> sets;

    SlowKey(int depth) {
      Set<Object> root = new HashSet<>();
      Set<Object> one = root;
      Set<Object> other = new HashSet<>();
      for (int level = 0; level < depth; level++) {
        Set<Object> first = new HashSet<>();
        Set<Object> second = new HashSet<>(List.of("x"));
        one.add(first);
        one.add(second);
        other.add(first);
        other.add(second);
        one = first;
        other = second;
      }
      this.sets = root;
    }

    @Override
    public Integer call() {
      return sets.size();
    }
  }

  @Test
  void mayRunNothingOnAReplica() {
    HazelcastInstance stranger = MEMBER.stranger();
    try {
      var executor = stranger.getExecutorService("any");
      assertThatThrownBy(() -> executor.submit(new Task()).get()).hasMessageContaining("Task");
      assertThatThrownBy(() -> executor.submit(new SlowKey(4)).get())
          .hasMessageContaining("SlowKey");
      stranger.getMap("any").put("a", "b");
      assertThatThrownBy(
              () -> stranger.<String, Object>getMap("any").executeOnKey("a", new Processor()))
          .hasMessageContaining("Processor");
      assertThat(RUNS).hasValue(0);
    } finally {
      stranger.shutdown();
    }
  }

  @Test
  void isNotLetInWhereNoReplicaIsAClient() throws Exception {
    HazelcastSettings settings = HazelcastSettings.of(LoopbackPorts.free(1));
    HazelcastNames names = HazelcastNames.of("ns", "alone");
    HazelcastInstance member =
        Hazelcast.newHazelcastInstance(
            new HazelcastConfiguration(settings, names, Duration.ofSeconds(60))
                .member(LocalAddress.of(settings)));
    try {
      ClientConfig config = new ClientConfig();
      config.setClusterName(names.cluster(settings));
      config.getNetworkConfig().setAddresses(settings.members());
      config
          .getConnectionStrategyConfig()
          .getConnectionRetryConfig()
          .setClusterConnectTimeoutMillis(2000);

      assertThatThrownBy(() -> HazelcastClient.newHazelcastClient(config))
          .isInstanceOf(IllegalStateException.class);
    } finally {
      member.getLifecycleService().terminate();
    }
  }

  @Test
  void doesNotKnowTheNameOfAClusterWithASecret() {
    HazelcastNames names = HazelcastNames.of("ns", "pool");

    assertThat(names.cluster(secret(""))).isEqualTo("epp/ns/pool");
    assertThat(names.cluster(secret("0123456789abcdef")))
        .startsWith("epp/ns/pool/")
        .doesNotContain("0123456789abcdef")
        .isNotEqualTo(names.cluster(secret("another secret!!")));
  }

  private static HazelcastSettings secret(String secret) {
    return new HazelcastSettings(
        List.of("127.0.0.1"), "", 0, false, false, "", secret, Duration.ofSeconds(1), 1000);
  }
}
