package ai.llmd.epp.sidecar.golden;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A recorded exchange. Its ports are fixed; before it is played each becomes one that is free here.
 */
record GoldenCase(String name, JsonNode json) {

  static final JsonMapper JSON = new JsonMapper();

  /** The recorded ports of the servers that are played, by who they are. */
  static final Map<String, Integer> SERVERS =
      Map.of(
          "decode", 19110,
          "prefill", 19120,
          "prefill2", 19121,
          "encode1", 19130,
          "encode2", 19131,
          "bootstrap", 19140);

  static final int SIDECAR = 19100;
  static final int NOBODY = 19150;

  /** Those of the folder in {@code golden.dir}, or else of this module. */
  static List<GoldenCase> all() throws IOException {
    String given = System.getProperty("golden.dir");
    Path folder = given == null ? Path.of("src/test/resources/golden") : Path.of(given);
    Path here = Files.isDirectory(folder) ? folder : Path.of("sidecar").resolve(folder);
    List<GoldenCase> cases = new ArrayList<>();
    try (Stream<Path> files = Files.list(here)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
        JsonNode json = JSON.readTree(Files.readString(file));
        if (json.has("sidecar_args")) {
          cases.add(new GoldenCase(json.get("name").asString(), json));
        }
      }
    }
    return cases;
  }

  /** With other ports. */
  GoldenCase on(Map<Integer, Integer> ports) {
    String text = json.toString();
    for (Map.Entry<Integer, Integer> port : ports.entrySet()) {
      text = text.replaceAll("(?<!\\d)" + port.getKey() + "(?!\\d)", "@" + port.getKey() + "@");
    }
    for (Map.Entry<Integer, Integer> port : ports.entrySet()) {
      text = text.replace("@" + port.getKey() + "@", port.getValue().toString());
    }
    return new GoldenCase(name, JSON.readTree(text));
  }

  String[] arguments() {
    List<String> arguments = new ArrayList<>();
    json.get("sidecar_args").forEach(argument -> arguments.add(argument.asString()));
    return arguments.toArray(String[]::new);
  }

  Map<String, String> environment() {
    Map<String, String> environment = new TreeMap<>();
    json.path("env")
        .properties()
        .forEach(entry -> environment.put(entry.getKey(), entry.getValue().asString()));
    return environment;
  }

  @Override
  public String toString() {
    return name;
  }
}
