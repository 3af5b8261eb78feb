package ai.llmd.epp.bootstrap;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/** Files of this checkout, wherever the tests were started. */
public final class Checkout {

  public static final Path ROOT = root();

  private Checkout() {}

  public static Path file(String relative) {
    return ROOT.resolve(relative);
  }

  /** A start script of a module's distribution. */
  public static String script(String relative) {
    Path script = file(relative);
    if (!Files.isExecutable(script)) {
      throw new IllegalStateException(script + " is missing; `mvn package` makes it");
    }
    return script.toString();
  }

  /** Writes a template of {@code deploy/} with every placeholder filled in. */
  public static Path fill(String template, Map<String, ?> values, Path target) {
    try {
      String text = Files.readString(file("deploy").resolve(template));
      for (Map.Entry<String, ?> value : values.entrySet()) {
        text = text.replace("${" + value.getKey() + "}", value.getValue().toString());
      }
      if (text.contains("${")) {
        throw new IllegalStateException(template + " has a placeholder without a value");
      }
      return Files.writeString(target, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("deploy/envoy"))) {
      folder = Objects.requireNonNull(folder.getParent(), "the tests run outside a checkout");
    }
    return folder;
  }
}
