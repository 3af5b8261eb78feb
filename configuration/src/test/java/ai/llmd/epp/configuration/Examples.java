package ai.llmd.epp.configuration;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Configurations that the reference was started with. They find their endpoints in the file {@code
 * ${ENDPOINTS_FILE}}.
 */
public enum Examples {
  MINIMAL("1-minimal"),
  DEFAULT("2-default-spelled-out"),
  PREFIX("3-approximate-prefix"),
  PREFILL_DECODE("5-prefill-decode"),
  LORA("7-lora"),
  SESSION("8-session-affinity"),
  FILE_DISCOVERY("9-file-discovery");

  private final String file;

  Examples(String file) {
    this.file = file;
  }

  /** The text of the file. */
  public String text() {
    try (InputStream in = Examples.class.getResourceAsStream("/examples/" + file + ".yaml")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return file;
  }
}
