package ai.llmd.epp.adapter.k8s.server;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a request asks for, in the words of a role.
 *
 * @param verb {@code get}, {@code list}, {@code watch}, {@code create}, {@code update}, {@code
 *     patch}, {@code delete}
 * @param group API group; empty for the core
 * @param resource plural name
 * @param name of the one object that is meant; empty when it is not one
 */
public record AskedFor(String verb, String group, String resource, String name) {

  private static final Pattern OBJECTS =
      Pattern.compile("/(?:api|apis/([^/]+))/[^/]+(?:/namespaces/[^/]+)?/([^/?]+)(?:/([^/?]+))?");
  private static final Pattern SELECTED = Pattern.compile("metadata\\.name(?:=|%3D)([^&]+)");

  /** Empty for what no role is about: the documents of an API group. */
  static Optional<AskedFor> of(String method, String pathAndQuery) {
    String path = pathAndQuery.replaceFirst("\\?.*", "");
    Matcher objects = OBJECTS.matcher(path);
    if (!objects.matches() || objects.group(2).equals("namespaces")) {
      return Optional.empty();
    }
    String name = objects.group(3) == null ? selected(pathAndQuery) : objects.group(3);
    return Optional.of(
        new AskedFor(
            verb(method, pathAndQuery, objects.group(3) != null),
            objects.group(1) == null ? "" : objects.group(1),
            objects.group(2),
            name));
  }

  private static String selected(String pathAndQuery) {
    Matcher selected = SELECTED.matcher(pathAndQuery);
    return selected.find() ? selected.group(1) : "";
  }

  private static String verb(String method, String pathAndQuery, boolean isOne) {
    return switch (method) {
      case "GET" -> isOne ? "get" : Faults.isWatch(pathAndQuery) ? "watch" : "list";
      case "POST" -> "create";
      case "PUT" -> "update";
      default -> method.toLowerCase(Locale.ROOT);
    };
  }
}
