package ai.llmd.epp.image;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.stream.Collectors;

/** Names of packages that scanners know them by: {@code pkg:type/namespace/name@version}. */
final class PackageUrl {

  private PackageUrl() {}

  /**
   * @param namespace such as a Maven group; empty for none
   */
  static String of(
      String type,
      String namespace,
      String name,
      String version,
      SortedMap<String, String> qualifiers) {
    String place = namespace.isEmpty() ? "" : encode(namespace) + "/";
    String url = "pkg:" + type + "/" + place + encode(name) + "@" + encode(version);
    return qualifiers.isEmpty()
        ? url
        : url
            + qualifiers.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + encode(entry.getValue()))
                .collect(Collectors.joining("&", "?", ""));
  }

  /** All but letters, digits, and {@code . - _ ~ :}. */
  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8)
        .replace("+", "%20")
        .replace("*", "%2A")
        .replace("%3A", ":")
        .replace("%7E", "~");
  }
}
