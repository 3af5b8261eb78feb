package ai.llmd.epp.adapter.state.redis;

import static ai.llmd.epp.application.port.out.ReplicationLogContract.chunks;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationLog.Entry;
import ai.llmd.epp.application.port.out.ReplicationLog.Page;
import ai.llmd.epp.application.port.out.ReplicationLog.Position;
import ai.llmd.epp.application.port.out.ReplicationLog.Snapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What other programs leave in the server under the names of the log. */
class RedisGarbageIT {

  @RegisterExtension static final RedisServer REDIS = new RedisServer();

  private static final String HUGE = "x".repeat(3 << 20);

  private final String pool = UUID.randomUUID().toString();
  private final RedisKeys keys = RedisKeys.of("ns", pool);

  private ReplicationLog open() {
    return REDIS.open(pool, Duration.ofSeconds(60));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  /** Everything from the start on, and how many gaps were seen in it. */
  private static List<String> read(ReplicationLog log, Position after) throws Exception {
    List<String> batches = new ArrayList<>();
    Position position = after;
    for (Page page = log.read(position, 100, Duration.ZERO);
        !page.entries().isEmpty();
        page = log.read(position, 100, Duration.ZERO)) {
      for (Entry entry : page.entries()) {
        batches.add(new String(entry.batch(), UTF_8));
      }
      position = page.next();
    }
    return batches;
  }

  static Stream<List<String>> entries() {
    return Stream.of(
        List.of("n", "many", "b", "x"),
        List.of("n", "", "b", ""),
        List.of("n", "-7", "b", "x"),
        List.of("n", "1.5", "b", "x"),
        List.of("n", "99999999999999999999999", "b", "x"),
        List.of("n", "9223372036854775807", "b", "x"),
        List.of("n", HUGE, "b", "x"),
        List.of("n", "2", "b", HUGE),
        List.of("b", "x"),
        List.of("n", "2"),
        List.of("n", "\u0000\uffff", "b", "\u0000\uffff"),
        List.of("\u0000", "\u0000"),
        List.of("other", "program"));
  }

  @ParameterizedTest
  @MethodSource("entries")
  void readsWhatIsBehindAnEntryOfAnotherProgram(List<String> entry) throws Exception {
    try (ReplicationLog log = open();
        ReplicationLog fresh = open()) {
      Position first = log.append(List.of(bytes("first")));
      assertThat(read(log, Position.START)).containsExactly("first");
      List<String> command = new ArrayList<>(List.of("XADD", keys.log(), "*"));
      command.addAll(entry);
      REDIS.command(command.toArray(String[]::new));
      log.append(List.of(bytes("second")));

      assertThat(read(log, first)).endsWith("second").hasSizeBetween(1, 2);
      assertThat(read(fresh, Position.START)).startsWith("first").endsWith("second");
      assertThat(fresh.extent().newest()).isEqualTo(log.extent().newest());
      log.append(List.of(bytes("third")));
      assertThat(read(log, log.read(first, 100, Duration.ZERO).next())).isEmpty();
    }
  }

  @Test
  void waitsAtTheEndOfALogThatEndsWithAnEntryOfAnotherProgram() throws Exception {
    try (ReplicationLog log = open()) {
      REDIS.command("XADD", keys.log(), "*", "other", "program");
      Page page = log.read(Position.START, 100, Duration.ZERO);

      long before = System.nanoTime();
      Page next = log.read(page.next(), 100, Duration.ofMillis(300));

      assertThat(next.entries()).isEmpty();
      assertThat(next.hasGap()).isFalse();
      assertThat(Duration.ofNanos(System.nanoTime() - before))
          .isGreaterThan(Duration.ofMillis(200));
    }
  }

  @Test
  void doesNotMissWhatWasTrimmedBetweenEntriesOfAnotherProgram() throws Exception {
    try (ReplicationLog log = open()) {
      REDIS.command("XADD", keys.log(), "*", "other", "program");
      Page before = log.read(Position.START, 100, Duration.ZERO);
      log.append(List.of(bytes("trimmed")));
      REDIS.command("XTRIM", keys.log(), "MAXLEN", "0");
      log.append(List.of(bytes("kept")));

      Page page = log.read(before.next(), 100, Duration.ZERO);

      assertThat(page.hasGap()).isTrue();
      assertThat(page.entries()).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "9223372036854775808-1",
        "18446744073709551615-1",
        "18446744073709551615-18446744073709551615"
      })
  void goesOnBehindAPositionFarAhead(String id) throws Exception {
    try (ReplicationLog log = open()) {
      Position first = log.append(List.of(bytes("first")));
      REDIS.command("XADD", keys.log(), id, "n", "2", "b", "x");
      log.append(List.of(bytes("second")));

      assertThat(read(log, first)).endsWith("second");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"count", "snapshot"})
  void replacesWhatIsNoneOfItsKinds(String which) throws Exception {
    String key = which.equals("count") ? keys.count() : keys.snapshot();
    for (String[] garbage :
        List.of(new String[] {"SET", key, "x"}, new String[] {"RPUSH", key, "x"})) {
      REDIS.command("DEL", key);
      REDIS.command(garbage);
      try (ReplicationLog log = open()) {
        log.append(List.of(bytes("first"), bytes("second")));
        assertThat(read(log, Position.START)).endsWith("first", "second");
        log.putSnapshot(log.extent().newest(), chunks(bytes("chunk")));
        assertThat(log.snapshot()).isNotNull();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"9223372036854775807", "9007199254740993", "-5"})
  void countsAnewWhereTheCountIsAbsurd(String count) throws Exception {
    REDIS.command("SET", keys.count(), count);
    try (ReplicationLog log = open()) {
      log.append(List.of(bytes("first"), bytes("second")));
      assertThat(read(log, Position.START)).containsExactly("first", "second");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "-", "1-", "-1", "a-b", "1-99999999999999999999999", "\u0000-1"})
  void knowsNoSnapshotWithoutAPosition(String position) throws Exception {
    try (ReplicationLog log = open()) {
      log.putSnapshot(Position.START, chunks(bytes("chunk")));
      REDIS.command("HSET", keys.snapshot(), "position", position);

      assertThat(log.snapshot()).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "-1", "2", "99999999999999999999999"})
  void knowsNoSnapshotWithoutItsNumberOfChunks(String chunks) throws Exception {
    try (ReplicationLog log = open()) {
      log.putSnapshot(Position.START, chunks(bytes("chunk")));
      REDIS.command("HSET", keys.snapshot(), "chunks", chunks);

      assertThat(log.snapshot()).isNull();
    }
  }

  @Test
  void knowsNoSnapshotWhoseChunksAreSomethingElse() throws Exception {
    try (ReplicationLog log = open()) {
      log.putSnapshot(Position.START, chunks(bytes("chunk")));
      REDIS.command("HSET", keys.snapshot(), "id", "other");
      REDIS.command("SET", keys.chunks("other"), "x");

      assertThat(log.snapshot()).isNull();
      log.putSnapshot(Position.START, chunks(bytes("chunk")));
      Snapshot next = Objects.requireNonNull(log.snapshot());
      assertThat(next.chunks().next()).isEqualTo(bytes("chunk"));
    }
  }
}
