package ai.llmd.epp.simulator.http;

import ai.llmd.epp.simulator.openai.Json;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JsonGenerator;

/** The names a server answers to: of its base model, and of adapters that come and go. */
final class ModelRegistry {

  /** Most adapters, so that clients cannot fill the memory. */
  static final int MAX_ADAPTERS = 1000;

  private final List<String> baseNames;
  private final Set<String> adapters;
  private final int maxModelTokens;
  private final long createdSeconds;

  ModelRegistry(
      List<String> baseNames, List<String> adapters, int maxModelTokens, long createdSeconds) {
    this.baseNames = baseNames;
    this.adapters = new LinkedHashSet<>(adapters);
    this.maxModelTokens = maxModelTokens;
    this.createdSeconds = createdSeconds;
  }

  /** The name of the base model that metrics show. */
  String baseName() {
    return baseNames.getFirst();
  }

  /** Empty names the base model too. */
  boolean isBase(String name) {
    return name.isEmpty() || baseNames.contains(name);
  }

  boolean isAdapter(String name) {
    return adapters.contains(name);
  }

  /** Adds an adapter; false when there is no room. */
  boolean load(String adapter) {
    return adapters.contains(adapter) || (adapters.size() < MAX_ADAPTERS && adapters.add(adapter));
  }

  /** Removes an adapter; false when there is none of this name. */
  boolean unload(String adapter) {
    return adapters.remove(adapter);
  }

  /** The answer to {@code GET /v1/models}. */
  byte[] json() {
    return Json.object(
        json -> {
          json.writeStringProperty("object", "list");
          json.writeArrayPropertyStart("data");
          baseNames.forEach(name -> model(json, name, false));
          adapters.forEach(name -> model(json, name, true));
          json.writeEndArray();
        });
  }

  private void model(JsonGenerator json, String name, boolean isAdapter) {
    json.writeStartObject();
    json.writeStringProperty("id", name);
    json.writeStringProperty("object", "model");
    json.writeNumberProperty("created", createdSeconds);
    json.writeStringProperty("owned_by", "vllm");
    json.writeStringProperty("root", name);
    if (isAdapter) {
      json.writeStringProperty("parent", baseName());
    } else {
      json.writeNullProperty("parent");
    }
    json.writeNumberProperty("max_model_len", maxModelTokens);
    json.writeEndObject();
  }
}
