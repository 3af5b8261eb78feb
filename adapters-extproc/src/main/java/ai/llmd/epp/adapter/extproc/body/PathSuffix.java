package ai.llmd.epp.adapter.extproc.body;

/** How a request path is compared with the suffixes that parsers claim. */
public final class PathSuffix {

  private static final String VERSION = "/v1";

  private PathSuffix() {}

  /** Whether the path, without spaces around and without one trailing slash, ends so, as text. */
  public static boolean matches(String path, String suffix) {
    return trimmed(path).endsWith(suffix);
  }

  /** Whether the path ends so, in whole segments. */
  public static boolean matchesSegments(String path, String suffix) {
    return endsWithSegments(trimmed(path), suffix);
  }

  /**
   * Whether the path ends so, and what stands before is at most the package of a gRPC service.
   *
   * @param trimmed a path that is {@linkplain #trimmed trimmed}
   */
  static boolean matchesService(String trimmed, String suffix) {
    int before = trimmed.length() - suffix.length();
    return endsWithSegments(trimmed, suffix)
        || (trimmed.endsWith(suffix) && trimmed.charAt(before - 1) == '.');
  }

  private static boolean endsWithSegments(String trimmed, String suffix) {
    int before = trimmed.length() - suffix.length();
    return trimmed.endsWith(suffix) && (before == 0 || trimmed.charAt(before - 1) == '/');
  }

  /**
   * Whether a path that ends so is this API's path and no other's: nothing stands before the
   * suffix, or the API's version does, behind whatever a gateway puts in front of it. Other paths
   * ({@code /v1/threads/7/messages}) may belong to an API of which nothing is known.
   *
   * @param trimmed a path that is {@linkplain #trimmed trimmed}
   */
  static boolean isCertain(String trimmed, String suffix) {
    if (!endsWithSegments(trimmed, suffix)) {
      return false;
    }
    int before = trimmed.length() - suffix.length() - 1; // the place of the slash
    return before <= 0
        || trimmed.startsWith(VERSION, before - VERSION.length())
        || suffix.contains(VERSION + "/");
  }

  /** The path without spaces around and without one trailing slash. */
  public static String trimmed(String path) {
    String stripped = path.strip();
    return stripped.endsWith("/") ? stripped.substring(0, stripped.length() - 1) : stripped;
  }
}
