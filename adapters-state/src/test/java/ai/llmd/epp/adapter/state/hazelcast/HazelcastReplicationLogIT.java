package ai.llmd.epp.adapter.state.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationLog.Position;
import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import ai.llmd.epp.application.port.out.ReplicationLogContract;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Handles are clients of one member, which is not begun anew for every test. */
class HazelcastReplicationLogIT extends ReplicationLogContract {

  private static final int MAX_ENTRIES = 1000;
  private static final String CLUSTER = "contract-" + UUID.randomUUID();
  private static final Duration RETENTION = Duration.ofSeconds(60);

  private static List<String> members = List.of();
  private static HazelcastInstance member;

  private final String pool = UUID.randomUUID().toString();

  @BeforeAll
  static void startAMember() throws IOException {
    members = LoopbackPorts.free(1);
    var settings = settings(false);
    var configuration =
        new HazelcastConfiguration(settings, HazelcastNames.of("ns", "none"), RETENTION);
    member = Hazelcast.newHazelcastInstance(configuration.member(LocalAddress.of(settings)));
  }

  @AfterAll
  static void stopTheMember() {
    member.getLifecycleService().terminate();
  }

  private static HazelcastSettings settings(boolean isClient) {
    return new HazelcastSettings(
        members, "", 0, isClient, CLUSTER, Duration.ofSeconds(20), MAX_ENTRIES);
  }

  @Override
  protected ReplicationLog open() {
    var log = new HazelcastReplicationLog(settings(true), "ns", pool, RETENTION);
    await()
        .atMost(60, TimeUnit.SECONDS)
        .ignoreExceptionsInstanceOf(StoreException.class)
        .until(() -> log.extent() != null);
    return log;
  }

  @Override
  protected void overflow(ReplicationLog log) throws Exception {
    log.append(Collections.nCopies(MAX_ENTRIES, new byte[1]));
  }

  @Override
  protected void lose() {
    member.getRingbuffer(HazelcastNames.of("ns", pool).log()).destroy();
  }

  @Test
  void expiresWhatIsOlderThanTheRetention() throws Exception {
    try (var log = new HazelcastReplicationLog(settings(true), "ns", pool, Duration.ofSeconds(1))) {
      List<Position> appended = new ArrayList<>();
      await()
          .atMost(60, TimeUnit.SECONDS)
          .ignoreExceptionsInstanceOf(StoreException.class)
          .until(() -> appended.add(log.append(List.of(new byte[1]))));

      await()
          .atMost(60, TimeUnit.SECONDS)
          .until(() -> log.read(Position.START, 10, Duration.ZERO).entries().isEmpty());
      assertThat(log.extent().newest()).isEqualTo(appended.getLast());
    }
  }
}
