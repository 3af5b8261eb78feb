package ai.llmd.epp.filewatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FollowedFileTest {

  @TempDir private Path folder;
  private Path path;
  private final Numbers numbers = new Numbers();
  private FollowedFile<String, IOException> file;

  /** Wants a number, and fails in the ways of parsers. */
  private final class Numbers implements FollowedFile.Use<String, IOException> {

    final List<Integer> applied = new CopyOnWriteArrayList<>();
    final List<String> refused = new CopyOnWriteArrayList<>();
    volatile boolean isUnreadable;

    @Override
    public String read() throws IOException {
      if (isUnreadable) {
        throw new IOException("too many open files");
      }
      return Files.readString(path);
    }

    @Override
    public void apply(String content) throws IOException {
      switch (content) {
        case "" -> throw new IOException("empty");
        case "deep" -> throw new StackOverflowError("too deep");
        default -> applied.add(Integer.parseInt(content));
      }
    }

    @Override
    public void refused(String reason) {
      refused.add(reason);
    }
  }

  @BeforeEach
  void write() throws IOException {
    path = Files.writeString(folder.resolve("number"), "1");
    file = new FollowedFile<>(path, "number refused", numbers);
  }

  @AfterEach
  void close() {
    file.close();
  }

  private void rename(String content) throws IOException {
    Path fresh = Files.writeString(folder.resolve("fresh"), content);
    Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
  }

  private void awaitApplied(Integer... all) {
    await().untilAsserted(() -> assertThat(numbers.applied).containsExactly(all));
  }

  private void awaitRefused(String... all) {
    await().untilAsserted(() -> assertThat(numbers.refused).containsExactly(all));
  }

  @Test
  void failsTheStartInItsOwnWords() throws Exception {
    Files.writeString(path, "");
    assertThatThrownBy(file::load).isInstanceOf(IOException.class).hasMessage("empty");
    assertThat(numbers.refused).isEmpty();
  }

  @Test
  void appliesEachNewContentOnce() throws Exception {
    file.load();
    file.follow();
    rename("1");
    rename("2");
    awaitApplied(1, 2);
    assertThat(numbers.refused).isEmpty();
  }

  @Test
  void refusesWhatCannotBeUsedAndGoesOn() throws Exception {
    file.load();
    file.follow();
    rename("");
    awaitRefused("empty");
    rename("x");
    await().until(() -> numbers.refused.size() == 2);
    rename("deep");
    await().until(() -> numbers.refused.size() == 3);
    assertThat(numbers.refused.getLast()).contains("too deep");
    rename("3");
    awaitApplied(1, 3);
  }

  @Test
  void refusesAFileThatVanishedOnceAndTakesItsOldContentForNews() throws Exception {
    file.load();
    file.follow();
    Files.delete(path);
    await().until(() -> numbers.refused.size() == 1);
    Files.writeString(folder.resolve("number"), "1");
    awaitApplied(1, 1);
    assertThat(numbers.refused).hasSize(1);
  }

  /** Out of files, a slow network file system, a mount that is being swapped. */
  @Test
  void readsAnEditAgainThatCouldNotBeReadAtFirst() throws Exception {
    file.load();
    file.follow();
    numbers.isUnreadable = true;
    rename("2");
    awaitRefused("too many open files");

    numbers.isUnreadable = false; // and nothing happens to the file any more

    awaitApplied(1, 2);
    assertThat(numbers.refused).as("one line in the log").hasSize(1);
  }

  @Test
  void followsAFolderThatIsMadeAnew() throws Exception {
    Path swapped = Files.createDirectory(folder.resolve("swapped"));
    path = Files.writeString(swapped.resolve("number"), "5");
    try (var followed = new FollowedFile<>(path, "number refused", numbers)) {
      followed.load();
      followed.follow();
      Files.delete(path);
      Files.delete(swapped);
      await().until(() -> numbers.refused.size() == 1);

      Files.createDirectory(swapped);
      Files.writeString(path, "6");
      awaitApplied(5, 6);

      Files.writeString(path, "7");
      awaitApplied(5, 6, 7);
    }
  }

  @Test
  void takesAContentReadElsewhereForTheOneInForce() throws Exception {
    file.loaded("1").follow();
    rename("2");
    awaitApplied(2);
  }
}
