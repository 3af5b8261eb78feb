package ai.llmd.epp.acceptance.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.stack.Client;
import ai.llmd.epp.acceptance.stack.EppProcess;
import ai.llmd.epp.acceptance.stack.Prompt;
import ai.llmd.epp.acceptance.stack.Reply;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/**
 * What the picker predicted of one request, beside what the server that answered it reported.
 *
 * @param tokens cached ones that were predicted, by the endpoint's port
 */
record Prediction(Reply reply, Map<Integer, Long> tokens) {

  /** Tokens of a block, on both sides. */
  static final int BLOCK = 16;

  /** Sends a request, and looks up how it was decided. */
  static Prediction of(Client gateway, EppProcess epp, Prompt prompt) {
    String id = "predicted-" + UUID.randomUUID();
    Reply reply = gateway.chat(prompt, "x-request-id", id);
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    await().until(() -> epp.hasDecided(id));
    JsonNode decision = epp.metrics().get("/debug/decisions?request_id=" + id).json();
    long blocks = reply.promptTokens() / BLOCK;
    Map<Integer, Long> tokens = new HashMap<>();
    for (JsonNode row : decision.at("/profiles/0/shown")) {
      double share = row.at("/scores/prefix-cache-scorer").asDouble();
      tokens.put(port(row), Math.round(share * blocks) * BLOCK);
    }
    return new Prediction(reply, tokens);
  }

  private static int port(JsonNode row) {
    String endpoint = row.get("endpoint").asString();
    return Integer.parseInt(endpoint.substring(endpoint.lastIndexOf('-') + 1));
  }

  /** Where it was answered. */
  int servedBy() {
    return reply.servedBy();
  }

  /** Cached tokens that were predicted of an endpoint. */
  long of(int port) {
    return tokens.getOrDefault(port, 0L);
  }

  /** Cached tokens that the server reported. */
  long reported() {
    return reply.cachedTokens();
  }

  /** More was predicted than the server has, by more than a block: the last is computed anyhow. */
  boolean isTooMuch() {
    return of(servedBy()) - reported() > BLOCK;
  }

  /** The server has more than was predicted, by more than a block. */
  boolean isTooLittle() {
    return reported() - of(servedBy()) > BLOCK;
  }
}
