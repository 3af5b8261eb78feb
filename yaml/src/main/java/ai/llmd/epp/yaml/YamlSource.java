package ai.llmd.epp.yaml;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A text to be read and where it came from.
 *
 * @param origin file name or flag, for messages
 */
public record YamlSource(String origin, String text) {

  private static final int MAX_BYTES = 4 << 20;

  /**
   * The text of a file of up to 4 MiB.
   *
   * @throws IOException when it cannot be read or is too large, with a sentence that names it
   */
  public static YamlSource ofFile(String file) throws IOException {
    return new YamlSource(file, read(Path.of(file)));
  }

  private static String read(Path file) throws IOException {
    byte[] content;
    try (InputStream in = Files.newInputStream(file)) {
      content = in.readNBytes(MAX_BYTES + 1);
    } catch (NoSuchFileException e) {
      throw new IOException(file + ": no such file", e);
    } catch (IOException e) {
      throw new IOException(file + ": cannot be read: " + e, e);
    }
    if (content.length > MAX_BYTES) {
      throw new IOException(file + ": larger than " + MAX_BYTES + " bytes");
    }
    return new String(content, StandardCharsets.UTF_8);
  }
}
