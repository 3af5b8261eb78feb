package ai.llmd.epp.adapter.state.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationLog.Position;
import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import ai.llmd.epp.application.port.out.ReplicationLogContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Handles are clients of one member, which is not begun anew for every test. */
class HazelcastReplicationLogIT extends ReplicationLogContract {

  @RegisterExtension static final LoopbackMember MEMBER = new LoopbackMember();

  private final String pool = UUID.randomUUID().toString();

  @Override
  protected ReplicationLog open() {
    return MEMBER.open(pool);
  }

  @Override
  protected void overflow(ReplicationLog log) throws Exception {
    log.append(Collections.nCopies(LoopbackMember.MAX_ENTRIES, new byte[1]));
  }

  @Override
  protected void lose() {
    MEMBER.instance().getRingbuffer(HazelcastNames.of("ns", pool).log()).destroy();
  }

  @Test
  void expiresWhatIsOlderThanTheRetention() throws Exception {
    try (ReplicationLog log = MEMBER.open(pool, Duration.ofSeconds(1))) {
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
