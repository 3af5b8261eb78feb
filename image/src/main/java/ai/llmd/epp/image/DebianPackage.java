package ai.llmd.epp.image;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A package as Debian's database records it.
 *
 * @param paragraph its fields, one or more lines each, without an empty line
 */
record DebianPackage(String paragraph) {

  private static final String INSTALLED = "installed";

  /** Those of a file in the format of {@code /var/lib/dpkg/status}. */
  static List<DebianPackage> parse(String text) {
    List<DebianPackage> packages = new ArrayList<>();
    StringBuilder paragraph = new StringBuilder();
    for (String line : (text + "\n\n").lines().toList()) {
      if (!line.isBlank()) {
        paragraph.append(line).append('\n');
      } else if (!paragraph.isEmpty()) {
        packages.add(new DebianPackage(paragraph.toString()));
        paragraph.setLength(0);
      }
    }
    return packages;
  }

  /** The first line of a field; empty when there is none. */
  String field(String name) {
    String start = name + ":";
    return paragraph
        .lines()
        .filter(line -> line.regionMatches(true, 0, start, 0, start.length()))
        .map(line -> line.substring(start.length()).strip())
        .findFirst()
        .orElse("");
  }

  String name() {
    return field("Package");
  }

  String version() {
    return field("Version");
  }

  String architecture() {
    return field("Architecture");
  }

  /** The source package, which advisories name, without its version. */
  String source() {
    String source = field("Source");
    int version = source.indexOf(' ');
    return source.isEmpty() ? name() : version < 0 ? source : source.substring(0, version);
  }

  /** Whether its files are there; a package that was removed may have left its configuration. */
  boolean isInstalled() {
    String status = field("Status");
    return status.isEmpty() || status.endsWith(" " + INSTALLED);
  }

  /**
   * The package's URL.
   *
   * @param system an id as {@code os-release} has it, such as {@code debian}
   * @param release such as {@code 12}; empty when unknown
   */
  String url(String system, String release) {
    SortedMap<String, String> qualifiers = new TreeMap<>();
    qualifiers.put("arch", architecture());
    if (!release.isEmpty()) {
      qualifiers.put("distro", system + "-" + release);
    }
    if (!source().equals(name())) {
      qualifiers.put("upstream", source());
    }
    return PackageUrl.of("deb", system, name(), version(), qualifiers);
  }
}
