package ai.llmd.epp.adapter.state;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where a secret is found; the secret itself is never kept here, so that this may be printed.
 *
 * @param file holds the secret and perhaps a line end; read anew each time, so it may be replaced
 * @param environment name of an environment variable; null when a file is named
 */
public record SecretSource(@Nullable Path file, @Nullable String environment) {

  private static final int MOST_BYTES = 4096;

  public SecretSource {
    if ((file == null) == (environment == null)) {
      throw new IllegalArgumentException("a secret comes from a file or from the environment");
    }
  }

  /**
   * The secret.
   *
   * @throws IOException when it is not there, empty or above 4 KiB; the message names the source
   */
  public String read() throws IOException {
    String secret = file == null ? System.getenv(environment) : contents(file);
    if (secret == null || secret.isEmpty()) {
      throw new IOException(this + " holds no secret");
    }
    return secret;
  }

  private String contents(Path path) throws IOException {
    try (var stream = Files.newInputStream(path)) {
      byte[] bytes = stream.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new IOException(this + " holds more than " + MOST_BYTES + " bytes");
      }
      return new String(bytes, StandardCharsets.UTF_8).stripTrailing();
    } catch (IOException e) {
      throw new IOException(this + " cannot be read", e);
    }
  }

  @Override
  public String toString() {
    return file == null ? "environment variable " + environment : "file " + file;
  }
}
