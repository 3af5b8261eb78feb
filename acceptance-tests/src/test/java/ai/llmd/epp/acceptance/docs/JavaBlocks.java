package ai.llmd.epp.acceptance.docs;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The Java sources that stand in a page. */
final class JavaBlocks {

  private static final Pattern JAVA =
      Pattern.compile("^ *```java\\n(.*?)^ *```$", Pattern.DOTALL | Pattern.MULTILINE);
  private static final Pattern PACKAGE = Pattern.compile("package (\\S+);");
  private static final Pattern CLASS = Pattern.compile("\\bclass (\\w+)");

  private JavaBlocks() {}

  /** By class name, in the order of the text. */
  static Map<String, String> of(String markdown) {
    Map<String, String> sources = new LinkedHashMap<>();
    JAVA.matcher(markdown)
        .results()
        .map(block -> block.group(1))
        .forEach(text -> sources.put(find(PACKAGE, text) + "." + find(CLASS, text), text));
    return sources;
  }

  private static String find(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map((MatchResult found) -> found.group(1))
        .findFirst()
        .orElseThrow();
  }
}
