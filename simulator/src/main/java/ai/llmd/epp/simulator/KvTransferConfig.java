package ai.llmd.epp.simulator;

import ai.llmd.epp.simulator.settings.KvTransfer;
import ai.llmd.epp.simulator.settings.KvTransfer.Connector;
import ai.llmd.epp.simulator.settings.KvTransfer.Role;
import java.time.Duration;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The value of {@code --kv-transfer-config}, as vLLM takes it; fields that change nothing here are
 * skipped.
 */
final class KvTransferConfig {

  private static final JsonFactory JSON = new JsonFactory();

  private String connector = "";
  private String role = "kv_both";
  private String failurePolicy = "recompute";

  private KvTransferConfig() {}

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException when it is no JSON object, or names what is not simulated
   */
  static KvTransfer read(String json, String host, Duration longestWait) {
    KvTransferConfig config = new KvTransferConfig();
    config.readFields(json);
    return new KvTransfer(
        switch (config.connector) {
          case "NixlConnector", "MoRIIOConnector" -> Connector.NIXL;
          case "MooncakeConnector" -> Connector.MOONCAKE;
          case "OffloadingConnector" -> Connector.OFFLOADING;
          default -> throw wrong("kv_connector", config.connector);
        },
        switch (config.role) {
          case "kv_producer" -> Role.PRODUCER;
          case "kv_consumer" -> Role.CONSUMER;
          case "kv_both" -> Role.BOTH;
          default -> throw wrong("kv_role", config.role);
        },
        switch (config.failurePolicy) {
          case "fail" -> true;
          case "recompute" -> false;
          default -> throw wrong("kv_load_failure_policy", config.failurePolicy);
        },
        host,
        longestWait);
  }

  private static IllegalArgumentException wrong(String field, String value) {
    return new IllegalArgumentException(
        "kv-transfer-config: " + field + " \"" + value + "\" is not simulated");
  }

  private void readFields(String json) {
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("kv-transfer-config: not a JSON object");
      }
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String field = parser.currentName();
        boolean isText = parser.nextToken() == JsonToken.VALUE_STRING;
        if (isText) {
          readField(field, parser.getString());
        }
        parser.skipChildren();
      }
    } catch (JacksonException malformed) {
      throw new IllegalArgumentException("kv-transfer-config: not valid JSON", malformed);
    }
  }

  private void readField(String field, String value) {
    switch (field) {
      case "kv_connector" -> connector = value;
      case "kv_role" -> role = value;
      case "kv_load_failure_policy" -> failurePolicy = value;
      default -> {}
    }
  }
}
