package ai.llmd.epp.adapter.state.redis;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationLog.Page;
import ai.llmd.epp.application.port.out.ReplicationLog.Position;
import ai.llmd.epp.application.port.out.ReplicationLogContract;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RedisReplicationLogIT extends ReplicationLogContract {

  @RegisterExtension static final RedisServer REDIS = new RedisServer();

  private final String pool = UUID.randomUUID().toString();
  private final RedisKeys keys = RedisKeys.of("ns", pool);

  @Override
  protected ReplicationLog open() {
    return open(Duration.ofSeconds(60));
  }

  private ReplicationLog open(Duration retention) {
    return REDIS.open(pool, retention);
  }

  @Override
  protected void overflow(ReplicationLog log) throws Exception {
    log.append(List.of(new byte[1], new byte[2], new byte[3]));
    REDIS.command("XTRIM", keys.log(), "MAXLEN", "1");
  }

  @Override
  protected void lose() {
    REDIS.command("FLUSHALL");
  }

  @Test
  void seesNoGapWhenOnlyWhatWasReadIsTrimmed() throws Exception {
    try (ReplicationLog log = open()) {
      Position read = log.append(List.of(new byte[1]));
      log.read(Position.START, 10, Duration.ZERO);
      REDIS.command("XTRIM", keys.log(), "MAXLEN", "0");
      log.append(List.of(new byte[2]));

      Page page = log.read(read, 10, Duration.ZERO);

      assertThat(page.entries()).hasSize(1);
      assertThat(page.hasGap()).isFalse();
    }
  }

  @Test
  void seesTheGapAtTheStartOfATrimmedLog() throws Exception {
    try (ReplicationLog log = open()) {
      overflow(log);

      assertThat(log.read(Position.START, 10, Duration.ZERO).hasGap()).isTrue();
    }
  }

  @Test
  void seesThatTheServerWasReplacedByOneThatHadSeenLess() throws Exception {
    try (ReplicationLog log = open()) {
      log.append(List.of(new byte[1], new byte[2]));
      Position end = log.read(Position.START, 10, Duration.ZERO).next();
      // what a failover looks like that loses the last entry: one more was not counted
      REDIS.command("XDEL", keys.log(), RedisPositions.text(end));
      REDIS.command("SET", keys.count(), "1");
      log.append(List.of(new byte[3]));

      Page page = log.read(end, 10, Duration.ZERO);

      assertThat(page.hasGap()).isTrue();
      assertThat(page.entries()).hasSize(1);
    }
  }

  @Test
  void everythingItWritesExpires() throws Exception {
    try (ReplicationLog log = open()) {
      log.append(List.of(new byte[1]));
      log.putSnapshot(Position.START, chunks(new byte[10]));
      String old = REDIS.command("HGET", keys.snapshot(), "id");
      log.putSnapshot(Position.START, chunks(new byte[10]));
      String id = REDIS.command("HGET", keys.snapshot(), "id");

      assertThat(secondsLeft(keys.log())).isBetween(500, 600);
      assertThat(secondsLeft(keys.count())).isBetween(500, 600);
      assertThat(secondsLeft(keys.snapshot())).isBetween(500, 600);
      assertThat(secondsLeft(keys.chunks(id))).isBetween(500, 600);
      assertThat(secondsLeft(keys.chunks(old))).isBetween(0, 10);
    }
  }

  private static int secondsLeft(String key) {
    return Integer.parseInt(REDIS.command("TTL", key).substring(1));
  }

  @Test
  void forgetsWhatIsOlderThanTheRetention() throws Exception {
    try (ReplicationLog log = open(Duration.ofMillis(1))) {
      for (int i = 0; i < 300; i++) {
        log.append(List.of(new byte[5000]));
      }

      int left = Integer.parseInt(REDIS.command("XLEN", keys.log()).substring(1));
      assertThat(left).isLessThan(200);
    }
  }
}
