package ai.llmd.epp.adapter.k8s.connection;

import io.fabric8.kubernetes.client.OAuthTokenProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A token in a file that is replaced while the program runs. Read for each call, of which there are
 * few; while it cannot be read, the last token is used.
 */
final class TokenFile implements OAuthTokenProvider {

  private static final long MAX_BYTES = 1L << 20; // no header holds more

  private final Path file;
  private volatile String last;

  private TokenFile(Path file, String first) {
    this.file = file;
    this.last = first;
  }

  /**
   * Reads it once.
   *
   * @throws IOException when there is no token in it, with a sentence that names the file
   */
  static TokenFile of(Path file) throws IOException {
    return new TokenFile(file, read(file));
  }

  private static String read(Path file) throws IOException {
    if (!Files.isReadable(file)) {
      throw new IOException("tokenFile " + file + " cannot be read");
    }
    if (Files.size(file) > MAX_BYTES) {
      throw new IOException("tokenFile " + file + " is larger than " + MAX_BYTES + " bytes");
    }
    String token = Files.readString(file).strip();
    if (token.isEmpty()) {
      throw new IOException("tokenFile " + file + " is empty");
    }
    return token;
  }

  @Override
  public String getToken() {
    try {
      last = read(file);
    } catch (IOException e) {
      // it is being replaced, or gone: the API server judges the last one
    }
    return last;
  }
}
