package ai.llmd.epp.adapter.state.hazelcast;

import static org.awaitility.Awaitility.await;

import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import com.hazelcast.client.HazelcastClient;
import com.hazelcast.client.config.ClientConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A JUnit extension: a cluster of one member, which runs for the tests of a class, and logs that
 * are clients of it.
 */
final class LoopbackMember implements BeforeAllCallback, AfterAllCallback {

  static final int MAX_ENTRIES = 1000;

  private static final Duration RETENTION = Duration.ofSeconds(60);

  private final String cluster = UUID.randomUUID().toString();
  private List<String> members = List.of();
  private @Nullable HazelcastInstance member;

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    members = LoopbackPorts.free(1);
    HazelcastSettings settings = settings(false);
    var configuration =
        new HazelcastConfiguration(settings, HazelcastNames.of("ns", "none"), RETENTION);
    member = Hazelcast.newHazelcastInstance(configuration.member(LocalAddress.of(settings)));
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (member != null) {
      member.getLifecycleService().terminate();
    }
  }

  private HazelcastSettings settings(boolean isClient) {
    return new HazelcastSettings(
        members, "", 0, isClient, !isClient, cluster, "", Duration.ofSeconds(20), MAX_ENTRIES);
  }

  /** A client of it that is no replica. */
  HazelcastInstance stranger() {
    ClientConfig config = new ClientConfig();
    config.setClusterName(cluster);
    config.getNetworkConfig().setAddresses(members);
    return HazelcastClient.newHazelcastClient(config);
  }

  /** The member itself. */
  HazelcastInstance instance() {
    return Objects.requireNonNull(member);
  }

  /** A log that has been connected. */
  ReplicationLog open(String pool) {
    ReplicationLog log = open(pool, RETENTION);
    await()
        .atMost(60, TimeUnit.SECONDS)
        .ignoreExceptionsInstanceOf(StoreException.class)
        .until(() -> log.extent() != null);
    return log;
  }

  /** A log that has yet to connect. */
  ReplicationLog open(String pool, Duration retention) {
    return new HazelcastReplicationLog(settings(true), "ns", pool, retention);
  }
}
