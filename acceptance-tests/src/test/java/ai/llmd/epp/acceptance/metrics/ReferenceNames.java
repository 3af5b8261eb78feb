package ai.llmd.epp.acceptance.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The reference's metric names, as the list in the resources has them. */
public final class ReferenceNames {

  private ReferenceNames() {}

  /**
   * One of them.
   *
   * @param shown when a page has it; {@code none} for one that does not exist
   * @param reason why it does not exist; else empty
   */
  public record Name(String name, String shown, String reason) {

    private static Name of(String line) {
      int first = line.indexOf('\t');
      int second = line.indexOf('\t', first + 1);
      int end = second < 0 ? line.length() : second;
      return new Name(
          line.substring(0, first), line.substring(first + 1, end), line.substring(end).strip());
    }
  }

  /** All of them. */
  public static List<Name> all() {
    try (var in =
        Objects.requireNonNull(
            ReferenceNames.class.getResourceAsStream("/metrics/reference-names.tsv"))) {
      List<Name> names = new ArrayList<>();
      new String(in.readAllBytes(), UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .forEach(line -> names.add(Name.of(line)));
      return names;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Those that a page has under a condition. */
  static List<String> shown(String condition) {
    return all().stream().filter(name -> name.shown().equals(condition)).map(Name::name).toList();
  }
}
