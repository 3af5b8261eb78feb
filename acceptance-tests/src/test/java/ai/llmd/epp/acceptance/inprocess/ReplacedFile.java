package ai.llmd.epp.acceptance.inprocess;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A text file that is replaced by a rename, so that no reader sees half of it. */
public record ReplacedFile(Path path) {

  /** A new file in a folder of its own. */
  public static ReplacedFile of(String text) {
    try {
      Path folder = Files.createTempDirectory("replaced");
      ReplacedFile file = new ReplacedFile(folder.resolve("file.yaml"));
      folder.toFile().deleteOnExit();
      file.path.toFile().deleteOnExit(); // before its folder: the last registered goes first
      file.replace(text);
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public void replace(String text) {
    try {
      Path next = Files.writeString(path.resolveSibling("next"), text);
      Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
