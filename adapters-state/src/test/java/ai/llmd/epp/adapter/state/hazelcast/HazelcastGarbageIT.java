package ai.llmd.epp.adapter.state.hazelcast;

import static ai.llmd.epp.application.port.out.ReplicationLogContract.chunks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationLog.Page;
import ai.llmd.epp.application.port.out.ReplicationLog.Position;
import ai.llmd.epp.application.port.out.ReplicationLog.Snapshot;
import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import com.hazelcast.map.IMap;
import com.hazelcast.ringbuffer.Ringbuffer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What other programs leave in the cluster under the names of the log. */
class HazelcastGarbageIT {

  @RegisterExtension static final LoopbackMember MEMBER = new LoopbackMember();

  private static final String IN_PLACE = "in-place";

  private final String pool = UUID.randomUUID().toString();
  private final HazelcastNames names = HazelcastNames.of("ns", pool);

  private ReplicationLog open() {
    return MEMBER.open(pool);
  }

  @Test
  void passesOnItemsOfTheRingThatAreNoBytesAsNothing() throws Exception {
    try (ReplicationLog log = open()) {
      log.append(List.of(new byte[] {1}));
      Ringbuffer<Object> ring = MEMBER.instance().getRingbuffer(names.log());
      ring.add("text");
      ring.add(Map.of("a", List.of(1L)));
      ring.add(new byte[0]);
      ring.add(new long[] {1, 2});
      log.append(List.of(new byte[] {2}));

      Page page = log.read(Position.START, 100, Duration.ZERO);

      assertThat(page.hasGap()).isFalse();
      assertThat(page.entries())
          .extracting(entry -> entry.batch().length)
          .containsExactly(1, 0, 0, 0, 0, 1);
    }
  }

  static Stream<Object> garbage() {
    return Stream.of(
        "text",
        7L,
        List.of("a"),
        new byte[0],
        new byte[35],
        new byte[4096],
        ByteBuffer.allocate(36).putInt(32, -1).array(),
        ByteBuffer.allocate(36).putInt(32, Integer.MAX_VALUE).array());
  }

  @ParameterizedTest
  @MethodSource("garbage")
  void replacesASnapshotThatIsNone(Object garbage) throws Exception {
    try (ReplicationLog log = open()) {
      IMap<String, Object> map = MEMBER.instance().getMap(names.snapshot());
      map.set(IN_PLACE, garbage);

      assertThat(log.snapshot()).isNull();
      log.putSnapshot(new Position(7, 0), chunks(new byte[] {1}));

      Snapshot snapshot = Objects.requireNonNull(log.snapshot());
      assertThat(snapshot.position()).isEqualTo(new Position(7, 0));
      assertThat(snapshot.chunks().next()).containsExactly(1);
    }
  }

  @Test
  void removesASnapshotWhoseChunkIsNone() throws Exception {
    try (ReplicationLog log = open()) {
      log.putSnapshot(new Position(7, 0), chunks(new byte[] {1}));
      IMap<String, Object> map = MEMBER.instance().getMap(names.snapshot());
      map.keySet().stream().filter(key -> !key.equals(IN_PLACE)).forEach(key -> map.set(key, "x"));
      Snapshot snapshot = Objects.requireNonNull(log.snapshot());

      assertThatThrownBy(() -> snapshot.chunks().next()).isInstanceOf(StoreException.class);
      await().until(() -> log.snapshot() == null);
    }
  }
}
