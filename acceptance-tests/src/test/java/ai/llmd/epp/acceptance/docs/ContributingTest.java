package ai.llmd.epp.acceptance.docs;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.bootstrap.Checkout;
import ai.llmd.epp.bootstrap.plugins.JarMaker;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** "Add a scorer" in CONTRIBUTING.md works as it stands there. */
class ContributingTest {

  private static final Pattern JAVA =
      Pattern.compile("^ *```java\\n(.*?)^ *```$", Pattern.DOTALL | Pattern.MULTILINE);
  private static final Pattern PACKAGE = Pattern.compile("package (\\S+);");
  private static final Pattern CLASS = Pattern.compile("\\bclass (\\w+)");

  @Test
  void itsScorerCompilesAndPassesItsTest(@TempDir Path folder) throws Exception {
    Map<String, String> sources = javaBlocks();
    assertThat(sources.keySet()).extracting(ContributingTest::simpleName).hasSize(2);
    Path classes = Files.createDirectory(folder.resolve("classes"));

    JarMaker.compile(sources, classes);

    int passed = 0;
    try (var loader = new URLClassLoader(new URL[] {classes.toUri().toURL()})) {
      for (String name : sources.keySet()) {
        for (Method test : testsOf(loader.loadClass(name))) {
          run(test);
          passed++;
        }
      }
    }
    assertThat(passed).isPositive();
  }

  @Test
  void itsOneLineGoesWhereItSays() throws IOException {
    Path room = Checkout.file("domain/src/main/java/ai/llmd/epp/domain");

    assertThat(room.resolve("scheduling/scorer")).isDirectory();
    assertThat(room.resolve("plugins/DomainPlugins.java")).content().contains("QueueScorer.TYPE");
  }

  /** The sources in the text, by class name. */
  private static Map<String, String> javaBlocks() throws IOException {
    String page = Files.readString(Checkout.file("CONTRIBUTING.md"));
    String section = page.substring(page.indexOf("## Add a scorer"), page.indexOf("## Style"));
    Map<String, String> sources = new LinkedHashMap<>();
    JAVA.matcher(section)
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

  private static String simpleName(String className) {
    return className.substring(className.lastIndexOf('.') + 1);
  }

  private static List<Method> testsOf(Class<?> type) {
    return Stream.of(type.getDeclaredMethods())
        .filter(method -> method.isAnnotationPresent(Test.class))
        .toList();
  }

  private static void run(Method test) throws ReflectiveOperationException {
    var constructor = test.getDeclaringClass().getDeclaredConstructor();
    constructor.setAccessible(true);
    test.setAccessible(true);
    test.invoke(constructor.newInstance());
  }
}
