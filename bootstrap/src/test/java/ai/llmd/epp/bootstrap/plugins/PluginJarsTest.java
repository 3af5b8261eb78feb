package ai.llmd.epp.bootstrap.plugins;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.catalogue.PluginApi;
import ai.llmd.epp.yaml.Problem;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginJarsTest {

  private static final int TOO_NEW = 44 + Runtime.version().feature() + 1;

  @TempDir Path folder;
  private PluginJars opened = PluginJars.open(List.of());

  private PluginJars open(Path... path) {
    opened.close();
    opened = PluginJars.open(List.of(path));
    return opened;
  }

  @AfterEach
  void close() {
    opened.close();
  }

  private JarMaker jar() {
    return new JarMaker(folder);
  }

  private void assertLoads(String... types) {
    assertThat(opened.problems()).isEmpty();
    assertThat(opened.registry().names()).contains("queue-scorer").containsAll(List.of(types));
  }

  private void assertRefuses(Path path, String reason) {
    assertThat(open(path).problems())
        .singleElement()
        .extracting(Problem::toString)
        .asString()
        .startsWith("--plugin-path: " + path + ": ")
        .contains(reason)
        .doesNotContain("Exception", "Error");
  }

  @Nested
  class Loading {

    @Test
    void knowsTheBuiltInTypesWithoutAnyJar() {
      assertLoads();
    }

    @Test
    void addsTheTypesOfAJar() {
      open(JarMaker.withScorer(folder, "my-scorer").write("mine.jar"));

      assertLoads("my-scorer");
    }

    @Test
    void addsTheTypesOfEveryJarOfAFolder() throws Exception {
      JarMaker.withScorer(folder, "my-scorer").write("mine.jar");
      JarMaker.withScorer(folder, "your-scorer").write("yours.jar");
      Files.writeString(folder.resolve("README"), "nothing to load");

      open(folder);

      assertLoads("my-scorer", "your-scorer");
    }

    @Test
    void loadsAJarOnceThatIsMeantTwice() throws Exception {
      Path jar = JarMaker.withScorer(folder, "my-scorer").write("mine.jar");
      Path link = Files.createSymbolicLink(folder.resolve("link.jar"), jar);

      open(jar, link, folder, Path.of(folder + File.separator + "." + File.separator + "mine.jar"));

      assertLoads("my-scorer");
    }

    @Test
    void readsEveryCatalogueOfAJar() {
      open(
          jar()
              .scorer("one", "first-scorer", "return null;")
              .scorer("two", "second-scorer", "return null;")
              .write("two.jar"));

      assertLoads("first-scorer", "second-scorer");
    }
  }

  @Nested
  class Isolating {

    @Test
    void letsAJarNameItsLibrariesBesideIt() {
      jar()
          .source(
              "lib.Library", "package lib; public class Library { public String name = \"x\"; }")
          .write("library.jar");

      open(
          jar()
              .source("lib.Library", "package lib; public class Library { public String name; }")
              .leavingOut("lib.Library")
              .catalogue(
                  "author",
                  "return List.of(PluginType.of(\"scorer-\" + new lib.Library().name, () ->"
                      + " null));",
                  "")
              .classPath("library.jar")
              .write("mine.jar"));

      assertLoads("scorer-x");
    }

    /** A catalogue whose type is named by the result of a method of {@code lib.Library}. */
    private Path jarWithLibrary(String packageName, String type) {
      return jar()
          .source(
              "lib.Library",
              "package lib; public class Library { public static String type() { return \"%s\"; } }"
                  .formatted(type))
          .catalogue(
              packageName, "return List.of(PluginType.of(lib.Library.type(), () -> null));", "")
          .write(type + ".jar");
    }

    @Test
    void givesEachJarItsOwnVersionOfALibrary() {
      open(jarWithLibrary("a", "old-library"), jarWithLibrary("b", "new-library"));

      assertLoads("old-library", "new-library");
    }

    private Path jarThatLooksFor(String... classNames) {
      String names = String.join("\", \"", classNames);
      return jar()
          .catalogue(
              "curious",
              """
              String seen = "";
              for (String name : List.of("%s")) {
                try {
                  Class.forName(name);
                  seen += "yes-";
                } catch (ClassNotFoundException e) {
                  seen += "no-";
                }
              }
              return List.of(PluginType.of(seen, () -> null));
              """
                  .formatted(names),
              "")
          .write("curious.jar");
    }

    @Test
    void showsNothingOfTheProgramButItsApi() {
      open(
          jarThatLooksFor(
              "tools.jackson.core.JsonFactory",
              "io.netty.buffer.ByteBuf",
              "ch.qos.logback.classic.Logger",
              "ai.llmd.epp.bootstrap.Epp",
              "ai.llmd.epp.application.RoutingService"));

      assertLoads("no-no-no-no-no-");
    }

    @Test
    void showsTheApiTheLoggingFacadeAndTheJdk() {
      open(
          jarThatLooksFor(
              "ai.llmd.epp.domain.scheduling.Scorer",
              "org.slf4j.LoggerFactory",
              "org.jspecify.annotations.Nullable",
              "java.net.http.HttpClient",
              "java.sql.Connection"));

      assertLoads("yes-yes-yes-yes-yes-");
    }

    @Test
    void sharesTheApiAndTheLoggerWithTheProgram() {
      open(
          jar()
              .catalogue(
                  "author",
                  """
                  org.slf4j.LoggerFactory.getLogger("author").debug("listed");
                  return ai.llmd.epp.domain.scheduling.Scorer.class.getClassLoader()
                          == PluginType.class.getClassLoader()
                      ? List.of(PluginType.of("shared", () -> null)) : List.of();
                  """,
                  "")
              .write("logging.jar"));

      assertLoads("shared");
    }
  }

  @Nested
  class RefusingFiles {

    @Test
    void thatAreMissing() {
      assertRefuses(folder.resolve("missing.jar"), "does not exist");
    }

    @Test
    void thatAreNoJars() throws Exception {
      assertRefuses(
          Files.writeString(folder.resolve("text.jar"), "not a jar"), "is no jar, or a broken one");
    }

    @Test
    void thatWereNotCopiedWhole() throws Exception {
      Path whole = JarMaker.withScorer(folder, "my-scorer").write("whole.jar");
      byte[] bytes = Files.readAllBytes(whole);
      Path half = Files.write(folder.resolve("half.jar"), Arrays.copyOf(bytes, bytes.length / 2));

      assertRefuses(half, "is no jar, or a broken one");
    }

    @Test
    void thatAreFoldersWithoutJars() throws Exception {
      Path empty = Files.createDirectory(folder.resolve("empty"));

      assertRefuses(empty, "is a folder without a jar");
    }
  }

  @Nested
  class RefusingManifests {

    @Test
    void withoutTheVersionOfTheApi() {
      Path jar = JarMaker.withScorer(folder, "my-scorer").api("").write("old.jar");

      assertRefuses(jar, "add \"Epp-Plugin-Api: 1\" to its manifest");
    }

    @Test
    void forAnotherVersionOfTheApi() {
      for (String version : List.of("0", Integer.toString(PluginApi.VERSION + 1), "one")) {
        Path jar = JarMaker.withScorer(folder, "my-scorer").api(version).write("other.jar");

        assertRefuses(
            jar, "was built against plugin API " + version + ", and this program has version 1");
      }
    }
  }

  @Nested
  class RefusingCatalogues {

    @Test
    void thatAreNotThere() {
      Path jar =
          jar()
              .source("author.Nothing", "package author; class Nothing {}")
              .write("no-catalogue.jar");

      assertRefuses(
          jar, "name its class in META-INF/services/ai.llmd.epp.domain.catalogue.PluginCatalogue");
    }

    @Test
    void thatAreNamedWrongly() {
      Path jar = JarMaker.withScorer(folder, "my-scorer").naming("author.Catalog").write("jar.jar");

      assertRefuses(jar, "META-INF/services is wrong: Provider author.Catalog not found");
    }

    @Test
    void thatAreNoCatalogues() {
      Path jar =
          jar()
              .source("author.Nothing", "package author; public class Nothing {}")
              .naming("author.Nothing")
              .write("other.jar");

      assertRefuses(jar, "META-INF/services is wrong: author.Nothing not a subtype");
    }

    @Test
    void thatListNothing() {
      assertRefuses(
          jar().catalogue("author", "return List.of();", "").write("empty.jar"),
          "its catalogue lists no type");
    }

    @Test
    void thatFail() {
      assertRefuses(
          jar()
              .catalogue("author", "throw new IllegalStateException(\"no license\");", "")
              .write("failing.jar"),
          "no license");
    }
  }

  @Nested
  class RefusingClasses {

    @Test
    void thatNeedAClassTheAuthorForgot() {
      Path jar =
          jar()
              .source("lib.Helper", "package lib; public class Helper { public int x; }")
              .leavingOut("lib.Helper")
              .catalogue("author", "new lib.Helper(); return List.of();", "")
              .write("forgetful.jar");

      assertRefuses(
          jar, "needs class lib.Helper, which is neither in the plugin API nor beside it");
    }

    @Test
    void thatNeedAMethodTheApiDoesNotHave() {
      Path jar =
          jar()
              .source(
                  "ai.llmd.epp.domain.catalogue.PluginApi",
                  """
                  package ai.llmd.epp.domain.catalogue;
                  public final class PluginApi { public static void register(String name) {} }
                  """)
              .leavingOut("ai.llmd.epp.domain.catalogue.PluginApi")
              .catalogue("author", "PluginApi.register(\"x\"); return List.of();", "")
              .write("ahead.jar");

      assertRefuses(
          jar,
          "needs method void ai.llmd.epp.domain.catalogue.PluginApi.register(java.lang.String),"
              + " which does not exist");
    }

    @Test
    void thatAreForANewerJava() {
      Path jar =
          JarMaker.withScorer(folder, "my-scorer").forClassFiles(TOO_NEW).write("too-new.jar");

      assertRefuses(jar, "was compiled for Java " + (TOO_NEW - 44) + " (author.Catalogue)");
    }

    @Test
    void thatFailToInitialise() {
      Path jar =
          jar()
              .catalogue(
                  "author",
                  "return List.of(PluginType.of(NAME, () -> null));",
                  """
                  static final String NAME = name();
                  static String name() { throw new IllegalStateException("no name"); }
                  """)
              .write("nameless.jar");

      assertRefuses(jar, "no name");
    }
  }

  @Nested
  class RefusingNames {

    @Test
    void thatAreBuiltIn() {
      assertRefuses(
          JarMaker.withScorer(folder, "queue-scorer").write("clash.jar"),
          "plugin type \"queue-scorer\" is already built in");
    }

    @Test
    void thatAnotherJarHas() {
      Path first = JarMaker.withScorer(folder, "my-scorer").write("first.jar");
      Path second = JarMaker.withScorer(folder, "my-scorer").write("second.jar");

      assertThat(open(first, second).problems())
          .extracting(Problem::toString)
          .containsExactly(
              "--plugin-path: %s: plugin type \"my-scorer\" is already in %s"
                  .formatted(second, first));
    }

    @Test
    void thatProduceWhatABuiltInTypeProducesByDefault() {
      Path jar =
          jar()
              .catalogue(
                  "author",
                  """
                  return List.of(PluginType.of("my-producer", () -> null)
                      .producingByDefault("InFlightLoadDataKey/inflight-load-producer"));
                  """,
                  "")
              .write("producer.jar");

      assertRefuses(jar, "as \"inflight-load-producer\" built in does");
    }
  }

  @Test
  void reportsEverythingTogether() {
    Path missing = folder.resolve("missing.jar");
    Path nothing = jar().api("").write("nothing.jar");
    Path good = JarMaker.withScorer(folder, "my-scorer").write("good.jar");

    open(missing, nothing, good);

    assertThat(opened.problems())
        .extracting(Problem::path)
        .containsExactly(missing.toString(), nothing.toString(), nothing.toString());
    assertThat(opened.registry().find("my-scorer")).isPresent();
  }

  @Test
  void letsGoOfItsFiles() throws Exception {
    Path jar = JarMaker.withScorer(folder, "my-scorer").write("mine.jar");

    open(jar).close();

    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      assertThat(open.filter(Files::isSymbolicLink).map(PluginJarsTest::target))
          .doesNotContain(jar);
    }
  }

  private static Path target(Path link) {
    try {
      return Files.readSymbolicLink(link);
    } catch (java.io.IOException e) {
      return link; // closed meanwhile
    }
  }
}
