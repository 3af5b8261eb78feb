package ai.llmd.epp.adapter.extproc.body;

/** How a request path is compared with the suffixes that parsers claim: as plain text. */
public final class PathSuffix {

  private PathSuffix() {}

  /** Whether the path, without spaces around and without one trailing slash, ends so. */
  public static boolean matches(String path, String suffix) {
    return trimmed(path).endsWith(suffix);
  }

  /** The path without spaces around and without one trailing slash. */
  public static String trimmed(String path) {
    String stripped = path.strip();
    return stripped.endsWith("/") ? stripped.substring(0, stripped.length() - 1) : stripped;
  }
}
