package ai.llmd.epp.configuration;

import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.facts.RequestAttribute;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.request.ReceivedBody;
import ai.llmd.epp.domain.request.ReceivedRequest;
import ai.llmd.epp.domain.request.RoutingHints;
import ai.llmd.epp.domain.routing.HeaderChanges;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** The request of a case or of one of its steps; a missing one is empty. */
record GoldenRequest(JsonNode json) {

  private static final Set<String> FIELDS =
      Set.of("requestId", "targetModel", "headers", "prompts", "attributes", "peer");
  private static final Set<String> ATTRIBUTE = Set.of("dataType", "producer", "value");

  GoldenRequest {
    GoldenCase.only(json, FIELDS);
  }

  String id() {
    return json.path("requestId").asString("request-1");
  }

  /** The endpoint of an earlier stage; missing when there is none. */
  JsonNode peer() {
    return json.path("peer");
  }

  InferenceRequest inference() {
    boolean hasBody = json.has("prompts");
    String model = json.path("targetModel").asString("");
    return new InferenceRequest(
        new ReceivedRequest(
            id(),
            headers()::get,
            new ReceivedBody(
                hasBody ? ApiKind.COMPLETIONS : ApiKind.NONE,
                model,
                false,
                false,
                -1,
                hasBody ? new GoldenPrompts(json.get("prompts")).asSent() : List.of(),
                "",
                0),
            RoutingHints.NONE),
        model,
        0,
        "");
  }

  /** Puts the tokens and the attributes. */
  void addTo(Facts facts) {
    if (json.has("prompts")) {
      facts.put(TokenizedPrompt.KEY, new GoldenPrompts(json.get("prompts")));
    }
    for (JsonNode attribute : json.path("attributes")) {
      GoldenCase.only(attribute, ATTRIBUTE);
      facts.put(
          RequestAttribute.key(
              attribute.get("dataType").asString(), attribute.get("producer").asString()),
          attribute.get("value").asString());
    }
  }

  /** What the model server sees after these changes, by name. */
  Map<String, String> headersAfter(HeaderChanges changes) {
    Map<String, String> after = headers();
    after.keySet().removeIf(changes::isRemoved);
    after.putAll(changes.toSet());
    return after;
  }

  private Map<String, String> headers() {
    Map<String, String> headers = new TreeMap<>();
    json.path("headers")
        .forEachEntry(
            (name, value) -> headers.put(name.toLowerCase(Locale.ROOT), value.asString()));
    return headers;
  }
}
