package ai.llmd.epp.acceptance.stack;

import ai.llmd.epp.bootstrap.Checkout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** Where Envoy is. The quickstart's own search answers: PATH, {@code .tools/}, then an install. */
public final class EnvoyBinary {

  private static @Nullable EnvoyBinary found; // guarded by the class

  private final String path;
  private final String reason;

  private EnvoyBinary(String path, String reason) {
    this.path = path;
    this.reason = reason;
  }

  /** Its path; without one the test is skipped with the reason, or fails where {@code CI=true}. */
  public static String require() {
    EnvoyBinary envoy = find();
    if (envoy.path.isEmpty()) {
      if ("true".equals(System.getenv("CI"))) {
        Assertions.fail(envoy.reason);
      }
      Assumptions.abort(envoy.reason);
    }
    return envoy.path;
  }

  private static synchronized EnvoyBinary find() {
    if (found == null) {
      found = search();
    }
    return found;
  }

  private static EnvoyBinary search() {
    try {
      Process search =
          new ProcessBuilder("python3", Checkout.file("quickstart.d/find_envoy.py").toString())
              .redirectErrorStream(true)
              .start();
      try (var printed = search.getInputStream()) {
        String text = new String(printed.readAllBytes(), StandardCharsets.UTF_8).strip();
        String last = text.substring(text.lastIndexOf('\n') + 1);
        return search.waitFor() == 0 ? new EnvoyBinary(last, "") : new EnvoyBinary("", last);
      }
    } catch (IOException e) {
      return new EnvoyBinary("", "Envoy cannot be looked for: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException(e));
    }
  }
}
