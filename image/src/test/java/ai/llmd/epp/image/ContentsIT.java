package ai.llmd.epp.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What scanners find in the images that the build has just made. */
@ParameterizedClass
@ValueSource(strings = {"epp.image.tar", "epp.sidecar.image.tar"})
class ContentsIT {

  private static final String SOURCE = System.getProperty("epp.image.root", "");
  @Parameter private String archive = "";

  @TempDir private Path folder;

  private Path tar() {
    return Path.of(System.getProperty(archive));
  }

  private static boolean isBill(String path) {
    return path.endsWith(".cdx.json");
  }

  private static boolean isOfTheSystem(String path) {
    return path.matches("/(lib|lib64|usr)/.*\\.so[.\\d]*")
        && !path.contains("libnetty")
        && !path.contains("libtokenizers");
  }

  private Map<String, byte[]> files(Predicate<String> paths) throws IOException {
    return FinishedImage.read(tar()).files(paths);
  }

  private JsonNode bill() throws IOException {
    Map<String, byte[]> bills = files(ContentsIT::isBill);
    assertThat(bills.keySet()).hasSize(1).allMatch(path -> path.startsWith("/usr/share/sbom/"));
    byte[] bill = bills.values().iterator().next();
    Path beside = Path.of(tar().toString().replaceFirst("\\.tar$", ".cdx.json"));
    assertThat(bill).as("the one beside the archive").isEqualTo(Files.readAllBytes(beside));
    return JsonMapper.shared().readTree(bill);
  }

  private static List<JsonNode> components(JsonNode bill, String start) {
    List<JsonNode> components = new ArrayList<>();
    for (JsonNode component : bill.get("components")) {
      if (component.at("/bom-ref").asString().startsWith(start)) {
        components.add(component);
      }
    }
    return components;
  }

  private static List<String> locations(JsonNode component) {
    List<String> locations = new ArrayList<>();
    component
        .at("/evidence/occurrences")
        .forEach(occurrence -> locations.add(occurrence.get("location").asString()));
    return locations;
  }

  @Test
  void theBillNamesEachJarAndNoOther() throws IOException {
    Map<String, String> jars = new TreeMap<>();
    files(path -> path.startsWith("/app/") && path.endsWith(".jar"))
        .forEach((path, bytes) -> jars.put(path, Digests.sha256(bytes)));

    Map<String, String> listed = new TreeMap<>();
    for (JsonNode jar : components(bill(), "pkg:maven/")) {
      assertThat(jar.at("/version").asString()).isNotEmpty();
      assertThat(jar.at("/hashes/0/alg").asString()).isEqualTo("SHA-256");
      assertThat(jar.at("/licenses/0/license").isObject()).as(jar.toString()).isTrue();
      assertThat(locations(jar)).hasSize(1);
      listed.put(locations(jar).getFirst(), jar.at("/hashes/0/content").asString());
    }

    assertThat(listed).isEqualTo(jars).isNotEmpty();
  }

  @Test
  void theBillNamesWhatElseThereIs() throws IOException {
    JsonNode bill = bill();
    assertThat(bill.get("bomFormat").asString()).isEqualTo("CycloneDX");
    assertThat(bill.at("/metadata/component/type").asString()).isEqualTo("container");
    assertThat(components(bill, "pkg:generic/openjdk@")).hasSize(1);

    Set<String> located = new HashSet<>();
    for (JsonNode component : bill.get("components")) {
      located.addAll(locations(component));
    }
    assertThat(located).containsAll(files(ContentsIT::isOfTheSystem).keySet());
    assertThat(files(located::contains).keySet()).isEqualTo(located);

    Set<String> references = new HashSet<>();
    bill.get("components").forEach(one -> references.add(one.get("bom-ref").asString()));
    assertThat(references).hasSameSizeAs(bill.get("components"));
    assertThat(bill.at("/dependencies/0/dependsOn")).hasSameSizeAs(references);
  }

  @Test
  void everySharedLibraryBelongsToAPackageOfTheMachine() throws Exception {
    Path database = Path.of(SOURCE.isEmpty() ? "/" : SOURCE).resolve("var/lib/dpkg");
    assumeTrue(Files.exists(database), "no Debian packages where the libraries come from");
    Map<String, byte[]> sums = files(path -> path.endsWith(".md5sums"));
    Map<String, String> listed = new TreeMap<>();
    for (byte[] text : sums.values()) {
      for (String line : new String(text, StandardCharsets.UTF_8).lines().toList()) {
        String[] parts = line.split(" {2}", 2);
        assertThat(listed.put("/" + parts[1], parts[0])).as("named once: %s", line).isNull();
      }
    }

    Map<String, String> found = new TreeMap<>();
    files(listed::containsKey).forEach((path, bytes) -> found.put(path, Digests.md5(bytes)));
    assertThat(found).isEqualTo(listed);
    assertThat(listed.keySet())
        .containsAll(files(ContentsIT::isOfTheSystem).keySet())
        .contains("/etc/os-release");
  }

  @Test
  void packagesAreThoseThatTheMachinesOwnToolKnows() throws Exception {
    assumeTrue(
        SOURCE.isEmpty() && Files.exists(Path.of("/var/lib/dpkg/status")),
        "the packages are not of this machine, or it has none");
    Map<String, byte[]> entries =
        files(path -> path.startsWith(OperatingSystem.ENTRIES) && !path.endsWith(".md5sums"));
    Path database = Files.createDirectories(folder.resolve("info")).resolveSibling("status");
    Files.write(database, joined(entries));

    List<String> query = List.of("dpkg-query", "-W", "-f", "${Package} ${Version} ${Status}\n");
    List<String> own = new ArrayList<>(query);
    own.add(1, "--admindir=" + folder);
    List<String> machine = new ArrayList<>(query);
    entries.keySet().forEach(path -> machine.add(path.substring(OperatingSystem.ENTRIES.length())));

    assertThat(lines(Command.run(own))).hasSameSizeAs(entries.keySet());
    assertThat(lines(Command.run(machine))).containsAll(lines(Command.run(own)));
  }

  private static byte[] joined(Map<String, byte[]> entries) {
    StringBuilder text = new StringBuilder();
    entries
        .values()
        .forEach(entry -> text.append(new String(entry, StandardCharsets.ISO_8859_1)).append('\n'));
    return text.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private static List<String> lines(String text) {
    return text.lines().filter(line -> !line.isBlank()).sorted().toList();
  }
}
