package ai.llmd.epp.image;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What an image has in it, as CycloneDX 1.6 writes it. The same components give the same bytes.
 *
 * @param components in the order in which they are listed
 */
record BillOfMaterials(Recipe recipe, List<Component> components) {

  private static final String ROOT = "image";

  /** Below it scanners look for files with this ending. */
  static final String FOLDER = "/usr/share/sbom/";

  static final String ENDING = ".cdx.json";

  /** Where it is in the image. */
  static String place(Program program) {
    return FOLDER + program.name() + ENDING;
  }

  String json() {
    Map<String, Object> bill = new LinkedHashMap<>();
    bill.put("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
    bill.put("bomFormat", "CycloneDX");
    bill.put("specVersion", "1.6");
    bill.put("version", 1);
    bill.put("metadata", ordered("timestamp", recipe.time().toString(), "component", image()));
    bill.put("components", components.stream().map(BillOfMaterials::entry).toList());
    bill.put(
        "dependencies",
        List.of(
            ordered(
                "ref", ROOT, "dependsOn", components.stream().map(Component::reference).toList())));
    return JsonMapper.builder()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .build()
        .writeValueAsString(bill)
        .replace(System.lineSeparator(), "\n")
        .concat("\n");
  }

  private Map<String, Object> image() {
    Map<String, Object> image = new LinkedHashMap<>();
    image.put("type", "container");
    image.put("bom-ref", ROOT);
    image.put("name", recipe.name().substring(0, recipe.name().lastIndexOf(':')));
    image.put("version", recipe.version());
    image.put("description", recipe.program().title());
    image.put("licenses", licenses(List.of(License.of("Apache-2.0", ""))));
    return image;
  }

  private static Map<String, Object> entry(Component component) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("type", component.type());
    entry.put("bom-ref", component.reference());
    putUnlessEmpty(entry, "group", component.group());
    entry.put("name", component.name());
    putUnlessEmpty(entry, "version", component.version());
    if (!component.sha256().isEmpty()) {
      entry.put("hashes", List.of(ordered("alg", "SHA-256", "content", component.sha256())));
    }
    if (!component.licenses().isEmpty()) {
      entry.put("licenses", licenses(component.licenses()));
    }
    putUnlessEmpty(entry, "cpe", component.cpe());
    putUnlessEmpty(entry, "purl", component.url());
    entry.put(
        "evidence",
        Map.of(
            "occurrences",
            component.locations().stream().map(path -> Map.of("location", path)).toList()));
    return entry;
  }

  private static List<Map<String, Object>> licenses(List<License> licenses) {
    return licenses.stream()
        .map(license -> Map.<String, Object>of("license", of(license)))
        .toList();
  }

  private static Map<String, Object> of(License license) {
    Map<String, Object> entry = new LinkedHashMap<>();
    if (license.id().isEmpty()) {
      entry.put("name", license.name());
    } else {
      entry.put("id", license.id());
    }
    putUnlessEmpty(entry, "url", license.url());
    return entry;
  }

  private static void putUnlessEmpty(Map<String, Object> entry, String name, String value) {
    if (!value.isEmpty()) {
      entry.put(name, value);
    }
  }

  private static Map<String, Object> ordered(
      String first, Object one, String second, Object other) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put(first, one);
    entry.put(second, other);
    return entry;
  }
}
