package ai.llmd.epp.simulator.http;

import ai.llmd.epp.simulator.openai.AdapterRequest;
import ai.llmd.epp.simulator.openai.Api;
import ai.llmd.epp.simulator.openai.CompletionRequest;
import ai.llmd.epp.simulator.openai.InvalidRequestException;
import ai.llmd.epp.simulator.openai.Json;
import ai.llmd.epp.simulator.openai.RequestReader;
import ai.llmd.epp.simulator.openai.TokenPrompt;
import io.netty.buffer.ByteBufInputStream;
import io.netty.handler.codec.http.FullHttpRequest;
import tools.jackson.core.JsonGenerator;

/** Requests about prompts and adapters that generate nothing. */
final class Utilities {

  private static final String BAD_REQUEST = "BadRequestError";

  private final RequestReader reader;
  private final ModelRegistry models;

  Utilities(RequestReader reader, ModelRegistry models) {
    this.reader = reader;
    this.models = models;
  }

  /** {@code POST …/render}: the token ids of a chat, or of each prompt. */
  void render(Api api, FullHttpRequest http, Reply reply) {
    CompletionRequest request;
    try {
      request = reader.read(api, new ByteBufInputStream(http.content()));
    } catch (InvalidRequestException invalid) {
      reply.error(400, BAD_REQUEST, invalid.sentence());
      return;
    }
    reply.json(
        200,
        Json.document(
            json -> {
              if (api == Api.CHAT) {
                rendered(json, request.prompts().getFirst());
              } else {
                json.writeStartArray();
                request.prompts().forEach(prompt -> rendered(json, prompt));
                json.writeEndArray();
              }
            }));
  }

  /** {@code POST /v1/load_lora_adapter}. */
  void loadAdapter(FullHttpRequest http, Reply reply) {
    try {
      String name = AdapterRequest.name(new ByteBufInputStream(http.content()));
      if (models.load(name)) {
        done(reply);
      } else {
        reply.error(400, BAD_REQUEST, "More than " + ModelRegistry.MAX_ADAPTERS + " adapters.");
      }
    } catch (InvalidRequestException invalid) {
      reply.error(400, BAD_REQUEST, invalid.sentence());
    }
  }

  /** {@code POST /v1/unload_lora_adapter}. */
  void unloadAdapter(FullHttpRequest http, Reply reply) {
    try {
      String name = AdapterRequest.name(new ByteBufInputStream(http.content()));
      if (models.unload(name)) {
        done(reply);
      } else {
        reply.error(404, "NotFoundError", "The adapter `" + name + "` is not loaded.");
      }
    } catch (InvalidRequestException invalid) {
      reply.error(400, BAD_REQUEST, invalid.sentence());
    }
  }

  private static void done(Reply reply) {
    reply.json(200, Json.object(json -> json.writeStringProperty("status", "ok")));
  }

  private static void rendered(JsonGenerator json, TokenPrompt prompt) {
    json.writeStartObject();
    json.writeArrayPropertyStart("token_ids");
    for (int token : prompt.tokens()) {
      json.writeNumber(Integer.toUnsignedLong(token));
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
