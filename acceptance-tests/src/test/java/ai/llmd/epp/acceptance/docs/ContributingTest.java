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
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** "Add a scorer" in CONTRIBUTING.md works as it stands there. */
class ContributingTest {

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
  void itsOneLineGoesToTheNamedCatalogue() throws IOException {
    Path room = Checkout.file("domain/src/main/java/ai/llmd/epp/domain");

    assertThat(room.resolve("scheduling/scorer")).isDirectory();
    assertThat(room.resolve("plugins/DomainPlugins.java")).content().contains("QueueScorer.TYPE");
  }

  /** The sources in the text, by class name. */
  private static Map<String, String> javaBlocks() throws IOException {
    String page = Files.readString(Checkout.file("CONTRIBUTING.md"));
    String section = page.substring(page.indexOf("## Add a scorer"), page.indexOf("## Style"));
    return JavaBlocks.of(section);
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
