package ai.llmd.epp.acceptance.replicas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.acceptance.stack.SharedStore;
import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import com.hazelcast.ringbuffer.OverflowPolicy;
import com.hazelcast.ringbuffer.Ringbuffer;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Another program joins the Hazelcast cluster that replicas form: it reaches a member's port and
 * knows the cluster's name, which is all that is asked of a member. It writes to what they share.
 */
class ClusterGarbageIT {

  private static final int PICKERS = 3;
  private static final String CLUSTER = "epp/default/epp";
  private static final String LOG = "epp:default/epp:v1:log";
  private static final String SNAPSHOT = "epp:default/epp:v1:snapshot";
  private static final String IN_PLACE = "in-place";
  private static final int FLOODS = 5;
  private static final int FLOOD_ENTRIES = 20_000;
  private static final int AT_ONCE = 500;
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** The last address is the stranger's: replicas take the first that is free. */
  private final SharedStore.Hazelcast store = SharedStore.Hazelcast.of(PICKERS + 1);

  private final SharedPrefixes replicas = new SharedPrefixes(store.configuration());

  /** Of a class that replicas neither have nor make anything of. */
  private record Stray(String text) implements Serializable {}

  @AfterEach
  void stop() {
    replicas.close();
    store.close();
  }

  private HazelcastInstance join() {
    Config config = new Config();
    config.setClusterName(CLUSTER);
    config.setProperty("hazelcast.partition.count", "31");
    config.setProperty("hazelcast.phone.home.enabled", "false");
    config.setProperty("hazelcast.socket.bind.any", "false");
    config.getJetConfig().setEnabled(false);
    config.getNetworkConfig().setPort(store.ports().getLast()).setPortAutoIncrement(false);
    config.getNetworkConfig().getInterfaces().setEnabled(true).addInterface("127.0.0.1");
    JoinConfig join = config.getNetworkConfig().getJoin();
    join.getAutoDetectionConfig().setEnabled(false);
    join.getMulticastConfig().setEnabled(false);
    join.getTcpIpConfig()
        .setEnabled(true)
        .setMembers(
            store.ports().stream()
                .map(port -> "127.0.0.1:" + port)
                .collect(Collectors.toCollection(ArrayList::new)));
    return Hazelcast.newHazelcastInstance(config);
  }

  private static void writeGarbage(HazelcastInstance stranger) {
    Ringbuffer<Object> log = stranger.getRingbuffer(LOG);
    log.add("text");
    log.add(Map.of("other", List.of("program")));
    log.add(new Stray("x"));
    log.add(new long[] {Long.MAX_VALUE});
    log.add(new byte[0]);
    log.add(new byte[3 << 20]);
    IMap<String, Object> map = stranger.getMap(SNAPSHOT);
    map.set(IN_PLACE, new Stray("y"));
    map.set(UUID.randomUUID() + "/0", new byte[10 << 20]);
    map.set("other", "program");
  }

  /** Batches whose heads can be read, of as many writers, with an entry of every kind in turn. */
  private static void flood(HazelcastInstance stranger, int from) {
    Ringbuffer<Object> log = stranger.getRingbuffer(LOG);
    List<byte[]> some = new ArrayList<>();
    for (int i = from + 1; i <= from + FLOOD_ENTRIES; i++) {
      ByteBuffer batch = ByteBuffer.allocate(26 + 5 + i % 90);
      batch.put((byte) 1).put((byte) (i % 8));
      batch.putLong(i * 7919L).putLong(i % 3 + 1).putLong(0);
      batch.put((byte) i).putInt(i % 64);
      while (batch.hasRemaining()) {
        batch.put((byte) (i % 251));
      }
      some.add(batch.array());
      if (some.size() == AT_ONCE) {
        log.addAllAsync(some, OverflowPolicy.OVERWRITE).toCompletableFuture().join();
        some.clear();
      }
    }
    log.add(new byte[10 << 20]);
  }

  @Test
  void replicasStillShareAndSoDoesOneThatStarts() {
    try (RunningPicker one = replicas.start();
        RunningPicker other = replicas.start()) {
      await().until(() -> SharedPrefixes.areSharing(one, other));
      HazelcastInstance stranger = join();
      assertThat(stranger.getCluster().getMembers()).as("it is let in").hasSize(3);

      replicas.assertThatTheyShareDespite(() -> writeGarbage(stranger), one, other, PATIENCE);
      stranger.getLifecycleService().terminate();
      replicas.assertThatTheyShare(one, other, PATIENCE);
      SharedPrefixes.assertThatNoThreadFailed(one, other);
    }
  }

  @Test
  void theyShareBehindAHundredThousandBatchesOfStrangers() {
    try (RunningPicker one = replicas.start();
        RunningPicker other = replicas.start()) {
      await().until(() -> SharedPrefixes.areSharing(one, other));
      HazelcastInstance stranger = join();

      replicas.assertThatTheyShareBehind(
          () -> {
            for (int i = 0; i < FLOODS; i++) {
              flood(stranger, i * FLOOD_ENTRIES);
            }
          },
          one,
          other,
          PATIENCE);
      stranger.getLifecycleService().terminate();
    }
  }
}
