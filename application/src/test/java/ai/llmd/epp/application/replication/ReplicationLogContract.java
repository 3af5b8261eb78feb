package ai.llmd.epp.application.replication;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationLog.Entry;
import ai.llmd.epp.application.port.out.ReplicationLog.Page;
import ai.llmd.epp.application.port.out.ReplicationLog.Position;
import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What every replication log promises; one subclass for each. */
public abstract class ReplicationLogContract {

  private static final Duration NO_WAIT = Duration.ZERO;
  private static final Duration LONG_WAIT = Duration.ofSeconds(20);

  /** An empty log that no other test knows. */
  protected abstract ReplicationLog log();

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
  void waitsForWhatIsNotThereYet() throws Exception {
    ReplicationLog log = log();
    Position end = log.append(List.of(bytes("before")));

    Thread appender =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    log.append(List.of(bytes("after")));
                  } catch (StoreException e) {
                    throw new AssertionError(e);
                  }
                });
    Page page = log.read(end, 100, LONG_WAIT);
    appender.join();

    assertThat(texts(page)).containsExactly("after");
  }

  @Test
  void keepsTheLatestSnapshotWhole() throws Exception {
    ReplicationLog log = log();
    assertThat(log.snapshot()).isNull();

    Position position = log.append(List.of(bytes("entry")));
    log.putSnapshot(Position.START, chunks("old"));
    log.putSnapshot(position, chunks("one", "two"));

    var snapshot = Objects.requireNonNull(log.snapshot());
    assertThat(snapshot.position()).isEqualTo(position);
    List<String> read = new ArrayList<>();
    for (byte[] c = snapshot.chunks().next(); c != null; c = snapshot.chunks().next()) {
      read.add(new String(c, StandardCharsets.UTF_8));
    }
    assertThat(read).containsExactly("one", "two");
  }

  private static ReplicationLog.Chunks chunks(String... texts) {
    var left = List.of(texts).iterator();
    return () -> left.hasNext() ? bytes(left.next()) : null;
  }
}
