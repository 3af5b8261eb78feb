package ai.llmd.epp.application.port.out;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where a secret is found; the secret itself is never kept here, so that this may be printed.
 *
 * @param file holds the secret and perhaps a line end; read anew each time, so it may be replaced
 * @param environment name of an environment variable; null when a file is named
 */
public record SecretSource(@Nullable Path file, @Nullable String environment) {

  private static final int MAX_BYTES = 4096;

  public SecretSource {
    if ((file == null) == (environment == null)) {
      throw new IllegalArgumentException("a secret comes from a file or from the environment");
    }
  }

  /**
   * The source that two fields of a configuration name; null when neither does.
   *
   * @param name of the secret, as in "password" for {@code passwordFile} and {@code passwordEnv}
   * @param file value of the first field; empty when it is not given
   * @param environment value of the second; empty when it is not given
   * @throws InvalidFieldException when both are given, or the first is no path
   */
  public static @Nullable SecretSource of(String name, String file, String environment) {
    if (!file.isEmpty() && !environment.isEmpty()) {
      throw new InvalidFieldException(
          name + "Env", "give either " + name + "File or " + name + "Env, not both");
    } else if (!environment.isEmpty()) {
      return new SecretSource(null, environment);
    }
    try {
      return file.isEmpty() ? null : new SecretSource(Path.of(file), null);
    } catch (InvalidPathException e) {
      throw new InvalidFieldException(
          name + "File", name + "File is no path: " + e.getMessage(), e);
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
      byte[] bytes = stream.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new IOException(this + " holds more than " + MAX_BYTES + " bytes");
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
