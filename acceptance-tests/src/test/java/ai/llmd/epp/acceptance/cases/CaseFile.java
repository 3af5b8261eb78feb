package ai.llmd.epp.acceptance.cases;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;

/** An input of a case, byte by byte. */
final class CaseFile {

  private CaseFile() {}

  /**
   * Its bytes.
   *
   * @param name below {@code cases}, such as {@code websocket-upgrade/handshake.txt}
   */
  static byte[] read(String name) {
    try (var in = CaseFile.class.getResourceAsStream("/cases/" + name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
