package ai.llmd.epp.configuration;

import ai.llmd.epp.domain.golden.GoldenFiles;
import ai.llmd.epp.domain.pool.EndpointLoad;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** One recorded answer of the reference. */
record GoldenCase(JsonNode json) {

  private static final Set<String> FIELDS =
      Set.of(
          "id",
          "note",
          "plugin",
          "kind",
          "name",
          "parameters",
          "otherPlugins",
          "config",
          "request",
          "endpoints",
          "steps",
          "scores",
          "kept",
          "picked",
          "firstPickShare",
          "trials",
          "tolerance",
          "profiles",
          "rounds",
          "primaryProfile",
          "results",
          "weightedScores",
          "requestHeadersAfter",
          "failsAt",
          "accepted");

  /** Reads a file of cases. */
  static Stream<GoldenCase> readAll(String fileName) {
    return GoldenFiles.read(GoldenCase.class, fileName).valueStream().map(GoldenCase::new);
  }

  /** Refuses a case with fields that no test here reads: they might be what it is about. */
  void refuseUnknownFields() {
    only(json, FIELDS);
  }

  String plugin() {
    return json.get("plugin").asString();
  }

  /** The instance's name. */
  String name() {
    return json.path("name").asString(plugin());
  }

  String kind() {
    return json.get("kind").asString();
  }

  boolean has(String field) {
    return json.has(field);
  }

  JsonNode get(String field) {
    JsonNode value = json.get(field);
    if (value == null) {
      throw new IllegalArgumentException(this + " has no " + field);
    }
    return value;
  }

  /** Every plugin type that the case configures. */
  List<String> types() {
    List<String> types = new ArrayList<>();
    if (kind().equals("cycle")) {
      types.addAll(Loading.typesIn(get("config").asString()));
    } else {
      types.add(plugin());
    }
    json.path("otherPlugins").forEach(other -> types.add(other.get("type").asString()));
    return types;
  }

  String id() {
    return json.path("id").asString("");
  }

  GoldenPool pool() {
    return new GoldenPool(json.path("endpoints"), EndpointLoad.Reported.EVERYTHING);
  }

  /** The pool in which an endpoint without metrics has reported nothing. */
  GoldenPool poolWithUnsampled() {
    return new GoldenPool(json.path("endpoints"), EndpointLoad.Reported.NOTHING);
  }

  GoldenRequest request() {
    return new GoldenRequest(json.path("request"));
  }

  /** Refuses an object with fields that would be overlooked. */
  static void only(JsonNode object, Set<String> fields) {
    for (String name : object.propertyNames()) {
      if (!fields.contains(name)) {
        throw new IllegalArgumentException("unknown field " + name + " in " + object);
      }
    }
  }

  static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(text -> texts.add(text.asString()));
    return texts;
  }

  static Map<String, String> textByName(JsonNode object) {
    Map<String, String> texts = new TreeMap<>();
    object.forEachEntry((name, text) -> texts.put(name, text.asString()));
    return texts;
  }

  @Override
  public String toString() {
    return json.get("id").asString();
  }
}
