package ai.llmd.epp.simulator.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.llmd.epp.simulator.openai.Api;
import ai.llmd.epp.simulator.openai.Json;
import ai.llmd.epp.simulator.transfer.BlockTransfers;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import java.util.Map;

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
      case "GET" -> get(pathOf(request), request.uri(), reply);
      case "POST" -> post(pathOf(request), request, reply);
      default -> reply.error(405, "MethodNotAllowedError", "Only GET and POST are answered.");
    }
  }

  private void get(String path, String uri, Reply reply) {
    switch (path) {
      case "/health" -> reply.document(200, "text/plain", new byte[0]);
      case "/health/ready" ->
          reply.document(server.isReady() ? 200 : 503, "text/plain", new byte[0]);
      case "/metrics" -> reply.document(200, METRICS_TYPE, server.metrics());
      case "/v1/models" -> reply.json(200, server.models().json());
      case "/query" -> reply.json(200, bootstrap());
      case "/kv/blocks" -> blocks(uri, reply);
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
      case "/reset_prefix_cache" -> server.admin().resetPrefixCache(reply);
      case "/admin/config" -> server.admin().reconfigure(request, reply);
      default -> notFound(reply);
    }
  }

  /** What a Mooncake bootstrap server reports of its only rank. */
  private byte[] bootstrap() {
    BlockTransfers transfers = server.transfers();
    String engineId = transfers == null ? "DUMMY_ID" : transfers.engineId();
    return Json.object(
        json -> {
          json.writeObjectPropertyStart("0");
          json.writeStringProperty("engine_id", engineId);
          json.writeEndObject();
        });
  }

  /** What another simulated server fetches. */
  private void blocks(String uri, Reply reply) {
    BlockTransfers transfers = server.transfers();
    if (transfers == null) {
      notFound(reply);
      return;
    }
    Map<String, List<String>> asked = new QueryStringDecoder(uri).parameters();
    BlockTransfers.Handed handed = transfers.hand(first(asked, "key"), first(asked, "engine"));
    reply.document(handed.status(), "text/plain", handed.text().getBytes(UTF_8));
  }

  private static String first(Map<String, List<String>> parameters, String name) {
    return parameters.getOrDefault(name, List.of("")).getFirst();
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
