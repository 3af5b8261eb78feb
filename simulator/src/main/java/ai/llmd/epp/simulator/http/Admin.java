package ai.llmd.epp.simulator.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.llmd.epp.simulator.engine.Engine;
import ai.llmd.epp.simulator.engine.FinishReason;
import ai.llmd.epp.simulator.metrics.ServerMeters;
import ai.llmd.epp.simulator.openai.Json;
import ai.llmd.epp.simulator.settings.Tuning;
import ai.llmd.epp.simulator.transfer.BlockTransfers;
import io.netty.buffer.ByteBufInputStream;
import io.netty.handler.codec.http.FullHttpRequest;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Reads and changes the tuning of a server, and reports what it did. */
final class Admin {

  private static final JsonFactory JSON = new JsonFactory();

  private final Supplier<Tuning> current;
  private final Consumer<Tuning> change;
  private final Engine engine;
  private final ServerMeters meters;
  private final Stats stats;
  private final @Nullable BlockTransfers transfers;

  Admin(
      Supplier<Tuning> current,
      Consumer<Tuning> change,
      Engine engine,
      ServerMeters meters,
      Stats stats,
      @Nullable BlockTransfers transfers) {
    this.current = current;
    this.change = change;
    this.engine = engine;
    this.meters = meters;
    this.stats = stats;
    this.transfers = transfers;
  }

  /** {@code GET /admin/config}: the flags that were set, at the start or since. */
  void config(Reply reply) {
    Map<String, String> assigned = current.get().assigned();
    reply.json(200, Json.object(json -> assigned.forEach(json::writeStringProperty)));
  }

  /**
   * {@code POST /admin/config}: an object with values by flag name. All of them apply or, with one
   * error, none. A null restores the default.
   */
  void reconfigure(FullHttpRequest http, Reply reply) {
    try {
      change.accept(current.get().with(read(new ByteBufInputStream(http.content()))));
    } catch (JacksonException malformed) {
      reply.error(400, "BadRequestError", "The body is not valid JSON.");
      return;
    } catch (IllegalArgumentException wrong) {
      reply.error(400, "BadRequestError", String.valueOf(wrong.getMessage()));
      return;
    }
    config(reply);
  }

  /** {@code POST /reset_prefix_cache}, as vLLM has it; blocks in use are forgotten, too. */
  void resetPrefixCache(Reply reply) {
    engine.clearCache();
    reply.document(200, "text/plain", new byte[0]);
  }

  /** {@code GET /admin/stats}. */
  void stats(Reply reply) {
    long prompt = meters.promptTokens();
    reply.json(
        200,
        Json.object(
            json -> {
              json.writeNumberProperty("requests", stats.requests);
              json.writeNumberProperty("running", engine.running());
              json.writeNumberProperty("waiting", engine.waiting());
              json.writeNumberProperty("most_running", stats.mostRunning);
              json.writeNumberProperty("most_waiting", stats.mostWaiting);
              json.writeNumberProperty("queue_full", stats.queueFull);
              json.writeNumberProperty("invalid", stats.invalid);
              json.writeNumberProperty("injected_errors", stats.injectedErrors);
              json.writeNumberProperty("dropped_connections", stats.droppedConnections);
              json.writeNumberProperty("clients_left", stats.clientsLeft);
              json.writeNumberProperty("prompt_tokens", prompt);
              json.writeNumberProperty("cached_tokens", meters.cachedTokens());
              json.writeNumberProperty("generated_tokens", meters.generatedTokens());
              json.writeNumberProperty(
                  "hit_ratio", prompt == 0 ? 0 : (double) meters.cachedTokens() / prompt);
              if (transfers != null) {
                transfers(json, transfers);
              }
              json.writeObjectPropertyStart("ended");
              for (FinishReason reason : FinishReason.values()) {
                json.writeNumberProperty(reason.toString(), meters.ended(reason));
              }
              json.writeEndObject();
            }));
  }

  private static void transfers(JsonGenerator json, BlockTransfers transfers) {
    json.writeObjectPropertyStart("kv_transfers");
    json.writeNumberProperty("computed_for_others", transfers.produced());
    json.writeNumberProperty("sent", transfers.sent());
    json.writeNumberProperty("held", transfers.held());
    json.writeNumberProperty("received", transfers.received());
    json.writeNumberProperty("recomputed", transfers.recomputed());
    json.writeNumberProperty("failed", transfers.failed());
    json.writeNumberProperty("wrong", transfers.wrong());
    json.writeEndObject();
  }

  private static Map<String, String> read(InputStream body) {
    Map<String, String> changes = new LinkedHashMap<>();
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("The body is not a JSON object.");
      }
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String flag = parser.currentName();
        parser.nextToken();
        changes.put(flag, value(parser));
      }
    }
    return changes;
  }

  /** As it would stand on the command line. */
  private static String value(JsonParser parser) {
    return switch (parser.currentToken()) {
      case VALUE_NULL -> "";
      case START_OBJECT ->
          new String(Json.document(json -> json.copyCurrentStructure(parser)), UTF_8);
      case START_ARRAY -> {
        StringBuilder values = new StringBuilder();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          values.append(values.isEmpty() ? "" : ",").append(parser.getString());
        }
        yield values.toString();
      }
      default -> parser.getString();
    };
  }
}
