package ai.llmd.epp.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JarsTest {

  private static final String PLACE = "/app/lib/a.jar";

  @TempDir private Path folder;

  @BeforeEach
  void makeParent() throws IOException {
    write(
        "repository/org/example/parent/3/parent-3.pom",
        """
        <project>
          <licenses>
            <license><name>The MIT License</name><url>https://example.org/mit</url></license>
          </licenses>
        </project>
        """);
    write(
        "repository/org/example/lib/1.0/lib-1.0.pom",
        """
        <project>
          <parent>
            <groupId>org.example</groupId><artifactId>parent</artifactId><version>3</version>
          </parent>
        </project>
        """);
  }

  private Path write(String path, String text) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private Path jar(String name, String... properties) throws IOException {
    Path file = folder.resolve(name);
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (String one : properties) {
        String[] parts = one.split(":", 3);
        zip.putNextEntry(
            new ZipEntry("META-INF/maven/" + parts[0] + "/" + parts[1] + "/pom.properties"));
        zip.write(
            "groupId=%s\nartifactId=%s\nversion=%s\n"
                .formatted((Object[]) parts)
                .getBytes(StandardCharsets.UTF_8));
      }
    }
    return file;
  }

  private Component describe(Path jar) throws IOException {
    List<Component> components = Jars.describe(Map.of(PLACE, jar), folder.resolve("repository"));
    assertThat(components).hasSize(1);
    return components.getFirst();
  }

  @Test
  void takesGroupClassifierAndLicenceFromTheRepository() throws IOException {
    write("repository/org/example/lib/1.0/lib-1.0-linux.jar", "the same bytes");

    Component jar = describe(write("lib-1.0-linux.jar", "the same bytes"));

    assertThat(jar.url()).isEqualTo("pkg:maven/org.example/lib@1.0?classifier=linux&type=jar");
    assertThat(jar.licenses())
        .containsExactly(new License("MIT", "The MIT License", "https://example.org/mit"));
    assertThat(jar.locations()).containsExactly(PLACE);
    assertThat(jar.sha256()).hasSize(64);
  }

  @Test
  void takesNothingFromAJarOfTheSameNameWithOtherBytes() throws IOException {
    write("repository/org/other/lib/1.0/lib-1.0.jar", "other bytes");

    assertThat(describe(jar("lib-1.0.jar", "org.example:lib:1.0")).url())
        .isEqualTo("pkg:maven/org.example/lib@1.0?type=jar");
  }

  @Test
  void isNotMisledByWhatAJarHasInside() throws IOException {
    Path jar = jar("lib-1.0.jar", "org.inside:small:7", "org.example:lib:1.0");

    assertThat(describe(jar).url()).isEqualTo("pkg:maven/org.example/lib@1.0?type=jar");
  }

  @Test
  void claimsNoGroupThatIsNotKnown() throws IOException {
    Component jar = describe(jar("plain-2.1.jar"));

    assertThat(jar.name()).isEqualTo("plain");
    assertThat(jar.version()).isEqualTo("2.1");
    assertThat(jar.url()).isEmpty();
    assertThat(jar.licenses()).isEmpty();
  }

  @Test
  void knowsOursByItsClasses() throws IOException {
    Path file = folder.resolve("domain-0.1.0-SNAPSHOT.jar");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.putNextEntry(new ZipEntry("ai/llmd/epp/domain/Any.class"));
    }

    Component jar = describe(file);

    assertThat(jar.url()).isEqualTo("pkg:maven/ai.llmd/domain@0.1.0-SNAPSHOT?type=jar");
    assertThat(jar.licenses()).extracting(License::id).containsExactly("Apache-2.0");
  }

  @ParameterizedTest
  @CsvSource({
    "'The Apache Software License, Version 2.0', Apache-2.0",
    "'Apache License, Version 2.0', Apache-2.0",
    "Apache 2.0, Apache-2.0",
    "Apache License v2.0, Apache-2.0",
    "Apache-2.0, Apache-2.0",
    "BSD 2-Clause License, BSD-2-Clause",
    "Eclipse Public License - v 2.0, EPL-2.0",
    "'Eclipse Public License, Version 1.0', EPL-1.0",
    "'Mozilla Public License, Version 2.0', MPL-2.0",
    "MIT license, MIT",
    "MIT-0, MIT-0",
    "Bouncy Castle Licence, ''",
    "GNU Lesser General Public License, ''",
  })
  void knowsLicencesBySeveralNames(String name, String id) {
    assertThat(License.of(name, "").id()).isEqualTo(id);
  }
}
