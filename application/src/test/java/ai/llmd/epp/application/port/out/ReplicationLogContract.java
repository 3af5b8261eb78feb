package ai.llmd.epp.application.port.out;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.application.port.out.ReplicationLog.Chunks;
import ai.llmd.epp.application.port.out.ReplicationLog.Entry;
import ai.llmd.epp.application.port.out.ReplicationLog.Page;
import ai.llmd.epp.application.port.out.ReplicationLog.Position;
import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every replication log promises; one subclass for each. */
public abstract class ReplicationLogContract {

  private static final Duration NO_WAIT = Duration.ZERO;
  private static final Duration LONG_WAIT = Duration.ofSeconds(20);
  private static final int ALL = 10_000;
  private static final int MEBIBYTE = 1 << 20;

  private final List<ReplicationLog> opened = new ArrayList<>();

  /** A replica's handle on the log of this test, which is empty at first. */
  protected abstract ReplicationLog open() throws Exception;

  /** Appends some entries, and then makes the log forget every entry but perhaps the last few. */
  protected abstract void overflow(ReplicationLog log) throws Exception;

  /** Makes the store lose everything, and go on. */
  protected abstract void lose() throws Exception;

  private ReplicationLog log() throws Exception {
    ReplicationLog log = open();
    opened.add(log);
    return log;
  }

  @AfterEach
  void close() {
    opened.forEach(ReplicationLog::close);
  }

  @Test
  void givesBackWhatWasAppendedInOrder() throws Exception {
    ReplicationLog log = log();

    Position second = log.append(List.of(bytes("a"), bytes("b")));
    Position third = log.append(List.of(bytes("c")));

    Page page = log.read(Position.START, 100, NO_WAIT);
    assertThat(texts(page)).containsExactly("a", "b", "c");
    assertThat(page.entries().get(1).position()).isEqualTo(second);
    assertThat(page.next()).isEqualTo(third);
    assertThat(page.hasGap()).isFalse();
    assertThat(third).isGreaterThan(second);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static List<String> texts(Page page) {
    List<String> texts = new ArrayList<>();
    for (Entry entry : page.entries()) {
      texts.add(new String(entry.batch(), StandardCharsets.UTF_8));
    }
    return texts;
  }

  @Test
  void keepsEveryByte() throws Exception {
    ReplicationLog log = log();
    byte[] batch = new byte[300_000];
    for (int i = 0; i < batch.length; i++) {
      batch[i] = (byte) (i * 31);
    }

    log.append(List.of(batch, new byte[1]));

    assertThat(log.read(Position.START, 2, LONG_WAIT).entries())
        .extracting(Entry::batch)
        .containsExactly(batch, new byte[1]);
  }

  @Test
  void waitsForWhatIsNotThereYet() throws Exception {
    ReplicationLog log = log();
    ReplicationLog other = log();
    Position end = log.append(List.of(bytes("before")));

    FutureTask<Position> appending = inBackground(() -> other.append(List.of(bytes("after"))));
    Page page = log.read(end, 100, LONG_WAIT);

    assertThat(texts(page)).containsExactly("after");
    assertThat(page.next()).isEqualTo(appending.get());
    assertThat(page.hasGap()).isFalse();
  }

  private static <T> FutureTask<T> inBackground(Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    Thread.ofVirtual().start(task);
    return task;
  }

  @Test
  void givesNothingWhenNothingComes() throws Exception {
    ReplicationLog log = log();
    Page ofEmpty = log.read(Position.START, 100, NO_WAIT);
    Position end = log.append(List.of(bytes("a")));

    Page atEnd = log.read(end, 100, Duration.ofMillis(20));

    assertThat(ofEmpty).isEqualTo(new Page(List.of(), Position.START, false));
    assertThat(atEnd).isEqualTo(new Page(List.of(), end, false));
  }

  @Test
  void givesNoMoreThanWasAskedFor() throws Exception {
    ReplicationLog log = log();
    log.append(List.of(bytes("a"), bytes("b"), bytes("c")));

    Page first = log.read(Position.START, 2, NO_WAIT);
    Page second = log.read(first.next(), 2, NO_WAIT);

    assertThat(texts(first)).containsExactly("a", "b");
    assertThat(texts(second)).containsExactly("c");
    assertThat(second.hasGap()).isFalse();
  }

  @Test
  void anotherReplicaReadsOnFromAPositionThatItDidNotReadItself() throws Exception {
    ReplicationLog log = log();
    ReplicationLog other = log();
    Position first = log.append(List.of(bytes("a")));
    log.append(List.of(bytes("b")));

    Page page = other.read(first, 100, NO_WAIT);

    assertThat(texts(page)).containsExactly("b");
    assertThat(page.hasGap()).isFalse();
  }

  @Test
  void knowsItsEnds() throws Exception {
    ReplicationLog log = log();
    assertThat(log.extent()).isEqualTo(new ReplicationLog.Extent(Position.START, Position.START));

    Position first = log.append(List.of(bytes("a")));
    Position last = log.append(List.of(bytes("b"), bytes("c")));

    assertThat(log.extent()).isEqualTo(new ReplicationLog.Extent(first, last));
  }

  @Test
  void reportsThatItWasTrimmedBehindTheReader() throws Exception {
    ReplicationLog log = log();
    Position early = log.append(List.of(bytes("early")));
    overflow(log);
    Position last = log.append(List.of(bytes("last")));

    Page page = log.read(early, ALL, NO_WAIT);
    boolean hasGap = page.hasGap();
    while (!page.next().equals(last)) {
      page = log.read(page.next(), ALL, LONG_WAIT);
      assertThat(page.hasGap()).as("a second gap").isFalse();
    }

    assertThat(hasGap).isTrue();
    assertThat(texts(page)).endsWith("last").doesNotContain("early");
  }

  @Test
  void reportsThatItWasLostAndBegunAnew() throws Exception {
    ReplicationLog log = log();
    Position end = log.append(List.of(bytes("a"), bytes("b"), bytes("c")));
    log.read(Position.START, ALL, NO_WAIT);

    lose();
    log.append(List.of(bytes("new")));

    Page page = log.read(end, ALL, NO_WAIT);
    assertThat(page.hasGap()).isTrue();
    assertThat(texts(page)).containsExactly("new");
    assertThat(log.read(page.next(), ALL, NO_WAIT).hasGap()).isFalse();
  }

  @Test
  void reportsThatItWasLostBeforeAnythingIsAppended() throws Exception {
    ReplicationLog log = log();
    Position end = log.append(List.of(bytes("a"), bytes("b")));

    lose();

    Page page = log.read(end, ALL, NO_WAIT);
    assertThat(page.hasGap()).isTrue();
    assertThat(page.entries()).isEmpty();
    log.append(List.of(bytes("new")));
    Page next = log.read(page.next(), ALL, LONG_WAIT);
    assertThat(texts(next)).containsExactly("new");
    assertThat(next.hasGap()).isFalse();
  }

  @Test
  void keepsTheLatestSnapshotWhole() throws Exception {
    ReplicationLog log = log();
    assertThat(log.snapshot()).isNull();

    Position position = log.append(List.of(bytes("entry")));
    log.putSnapshot(Position.START, chunks("old", "older", "oldest"));
    log.putSnapshot(position, chunks("one", "two"));

    ReplicationLog.Snapshot snapshot = Objects.requireNonNull(log().snapshot());
    assertThat(snapshot.position()).isEqualTo(position);
    assertThat(all(snapshot.chunks())).containsExactly(bytes("one"), bytes("two"));
  }

  private static List<byte[]> all(Chunks chunks) throws StoreException {
    List<byte[]> all = new ArrayList<>();
    for (byte[] c = chunks.next(); c != null; c = chunks.next()) {
      all.add(c);
    }
    return all;
  }

  private static Chunks chunks(String... texts) {
    return chunks(Stream.of(texts).map(ReplicationLogContract::bytes).toArray(byte[][]::new));
  }

  /** These chunks, to be read once. */
  public static Chunks chunks(byte[]... chunks) {
    var left = List.of(chunks).iterator();
    return () -> left.hasNext() ? left.next() : null;
  }

  @Test
  void aSnapshotThatBreaksOffLeavesTheOneBefore() throws Exception {
    ReplicationLog log = log();
    log.putSnapshot(Position.START, chunks("whole"));
    var left = List.of(bytes("half")).iterator();

    assertThatExceptionOfType(StoreException.class)
        .isThrownBy(
            () ->
                log.putSnapshot(
                    Position.START,
                    () -> {
                      if (left.hasNext()) {
                        return left.next();
                      }
                      throw new StoreException("broken off");
                    }))
        .withMessage("broken off");

    assertThat(all(Objects.requireNonNull(log.snapshot()).chunks()))
        .containsExactly(bytes("whole"));
  }

  @Test
  void keepsALargeSnapshot() throws Exception {
    ReplicationLog log = log();
    int chunks = 20;

    log.putSnapshot(Position.START, filled(chunks));

    List<byte[]> read = all(Objects.requireNonNull(log.snapshot()).chunks());
    assertThat(read).hasSize(chunks);
    for (int i = 0; i < chunks; i++) {
      assertThat(Arrays.equals(read.get(i), chunk(i))).as("chunk %s", i).isTrue();
    }
  }

  private static Chunks filled(int chunks) {
    var left = IntStream.range(0, chunks).iterator();
    return () -> left.hasNext() ? chunk(left.nextInt()) : null;
  }

  private static byte[] chunk(int number) {
    byte[] chunk = new byte[MEBIBYTE];
    Arrays.fill(chunk, (byte) (number + 1));
    return chunk;
  }

  @Test
  void appendingReadingAndSnapshotsGoOnSideBySide() throws Exception {
    ReplicationLog log = log();
    int batches = 300;

    FutureTask<Position> appending =
        inBackground(
            () -> {
              Position last = Position.START;
              for (int i = 0; i < batches; i++) {
                last = log.append(List.of(bytes("batch " + i)));
              }
              return last;
            });
    FutureTask<Integer> snapshots =
        inBackground(
            () -> {
              int whole = 0;
              for (int i = 1; i <= 10; i++) {
                log.putSnapshot(new Position(i, 0), filled(i % 3 + 1));
                var snapshot = Objects.requireNonNull(log.snapshot());
                whole += all(snapshot.chunks()).size() == i % 3 + 1 ? 1 : 0;
              }
              return whole;
            });
    List<String> read = new ArrayList<>();
    Position at = Position.START;
    while (read.size() < batches) {
      Page page = log.read(at, 7, LONG_WAIT);
      assertThat(page.hasGap()).isFalse();
      read.addAll(texts(page));
      at = page.next();
    }

    assertThat(read)
        .containsExactlyElementsOf(
            IntStream.range(0, batches).mapToObj(i -> "batch " + i).toList());
    assertThat(at).isEqualTo(appending.get(60, TimeUnit.SECONDS));
    assertThat(snapshots.get(60, TimeUnit.SECONDS)).isEqualTo(10);
  }

  @Test
  void closingEndsAReadThatWaits() throws Exception {
    ReplicationLog log = log();
    Position end = log.append(List.of(bytes("a")));
    FutureTask<Page> reading = new FutureTask<>(() -> log.read(end, 100, LONG_WAIT));
    Thread reader = Thread.ofPlatform().daemon().start(reading);
    await().until(() -> isWaiting(reader));

    log.close();

    await().atMost(15, TimeUnit.SECONDS).until(reading::isDone);
    assertThat(reading.exceptionNow()).isInstanceOf(StoreException.class);
  }

  private static boolean isWaiting(Thread thread) {
    return thread.getState() == Thread.State.TIMED_WAITING;
  }

  @Test
  void refusesEveryCallOnceClosed() throws Exception {
    ReplicationLog log = log();
    log.append(List.of(bytes("a")));

    log.close();
    log.close();

    assertThatExceptionOfType(StoreException.class)
        .isThrownBy(() -> log.append(List.of(bytes("b"))));
    assertThatExceptionOfType(StoreException.class)
        .isThrownBy(() -> log.read(Position.START, 1, NO_WAIT));
    assertThatExceptionOfType(StoreException.class).isThrownBy(log::extent);
    assertThatExceptionOfType(StoreException.class).isThrownBy(log::snapshot);
    assertThatExceptionOfType(StoreException.class)
        .isThrownBy(() -> log.putSnapshot(Position.START, chunks("a")));
  }
}
