package ai.llmd.epp.simulator.http;

import ai.llmd.epp.simulator.openai.Api;
import ai.llmd.epp.simulator.openai.Json;
import io.netty.handler.codec.http.FullHttpRequest;

/** Leads every request to the part of the server that answers it. */
final class Router implements ConnectionHandler.Service {

  private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final ModelServer server;

  Router(ModelServer server) {
    this.server = server;
  }

  @Override
  public void answer(FullHttpRequest request, Reply reply) {
    switch (request.method().name()) {
      case "GET" -> get(pathOf(request), reply);
      case "POST" -> post(pathOf(request), request, reply);
      default -> reply.error(405, "MethodNotAllowedError", "Only GET and POST are answered.");
    }
  }

  private void get(String path, Reply reply) {
    switch (path) {
      case "/health" -> reply.document(200, "text/plain", new byte[0]);
      case "/health/ready" ->
          reply.document(server.isReady() ? 200 : 503, "text/plain", new byte[0]);
      case "/metrics" -> reply.document(200, METRICS_TYPE, server.metrics());
      case "/v1/models" -> reply.json(200, server.models().json());
      case "/query" -> reply.json(200, bootstrap());
      case "/admin/config" -> server.admin().config(reply);
      case "/admin/stats" -> server.admin().stats(reply);
      default -> notFound(reply);
    }
  }

  private void post(String path, FullHttpRequest request, Reply reply) {
    switch (path) {
      case "/v1/chat/completions" -> server.completions().answer(Api.CHAT, request, reply);
      case "/v1/completions" -> server.completions().answer(Api.COMPLETIONS, request, reply);
      case "/inference/v1/generate" -> server.completions().answer(Api.GENERATE, request, reply);
      case "/v1/chat/completions/render" -> server.utilities().render(Api.CHAT, request, reply);
      case "/v1/completions/render" -> server.utilities().render(Api.COMPLETIONS, request, reply);
      case "/v1/load_lora_adapter" -> server.utilities().loadAdapter(request, reply);
      case "/v1/unload_lora_adapter" -> server.utilities().unloadAdapter(request, reply);
      case "/admin/config" -> server.admin().reconfigure(request, reply);
      default -> notFound(reply);
    }
  }

  /** What a Mooncake bootstrap server reports of its only rank. */
  private static byte[] bootstrap() {
    return Json.object(
        json -> {
          json.writeObjectPropertyStart("0");
          json.writeStringProperty("engine_id", "DUMMY_ID");
          json.writeEndObject();
        });
  }

  private static void notFound(Reply reply) {
    reply.error(404, "NotFoundError", "Not Found");
  }

  private static String pathOf(FullHttpRequest request) {
    String uri = request.uri();
    int query = uri.indexOf('?');
    return query < 0 ? uri : uri.substring(0, query);
  }
}
