package ai.llmd.epp.acceptance.replicas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.acceptance.stack.FreePorts;
import ai.llmd.epp.acceptance.stack.SharedStore;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A replica that joins finds prompts where model servers have them, although these replay no more
 * than their last few messages: it goes on from what an older replica knows.
 */
class JoiningPreciseReplicaIT {

  private static final int SERVERS = 4;
  private static final int PROMPTS = 200;
  private static final int TOKENS = 64;
  private static final Pattern PROMPT = Pattern.compile("prompt number (\\d+)");

  @ParameterizedTest
  @EnumSource(SharedStore.Kind.class)
  void itsFirstRequestsHitAsThoseOfAnOldOneDo(SharedStore.Kind kind) throws Exception {
    int ports = FreePorts.consecutive(2);
    HttpServer renderer = renderer();
    List<PublishingServer> servers = new ArrayList<>();
    for (int i = 0; i < SERVERS; i++) {
      servers.add(new PublishingServer("pod-" + i, "127.0.0." + (i + 2), ports, ports + 1));
    }
    List<ModelServer> pool = servers.stream().map(PublishingServer::server).toList();
    try (SharedStore store = kind.start(2)) {
      String configuration = configuration(renderer, ports) + store.configuration();
      try (RunningPicker old = RunningPicker.start(configuration, pool)) {
        servers.forEach(PublishingServer::awaitSubscriber);
        for (int prompt = 0; prompt < PROMPTS; prompt++) {
          servers.get(prompt % SERVERS).store(prompt + 1, TOKENS);
        }
        await().until(() -> hits(old, servers) == PROMPTS);
        assertThat(states(old, "complete")).isEqualTo(SERVERS);

        try (RunningPicker fresh = RunningPicker.start(configuration, pool)) {
          assertThat(hits(fresh, servers)).as("of its first requests").isEqualTo(PROMPTS);
          assertThat(snapshots(fresh, "restored")).isGreaterThanOrEqualTo(SERVERS);
          await().until(() -> states(fresh, "complete") == SERVERS);

          servers.forEach(PublishingServer::awaitSubscriber);
          for (PublishingServer server : servers) { // and what comes next
            server.store(PROMPTS + 1 + servers.indexOf(server), TOKENS);
          }
          await().until(() -> isHit(fresh, servers, PROMPTS) && isHit(old, servers, PROMPTS));
          assertThat(states(fresh, "complete")).isEqualTo(SERVERS);
        }
      }
    } finally {
      renderer.stop(0);
      servers.forEach(PublishingServer::close);
    }
  }

  private static int hits(RunningPicker picker, List<PublishingServer> servers) {
    List<Integer> prompts = IntStream.range(0, PROMPTS).boxed().collect(Collectors.toList());
    Collections.shuffle(prompts);
    return (int) prompts.stream().filter(prompt -> isHit(picker, servers, prompt)).count();
  }

  private static boolean isHit(RunningPicker picker, List<PublishingServer> servers, int prompt) {
    String text = "prompt number " + (prompt + 1);
    String destination = Asking.route(picker, Map.of(), Asking.completion("m", text)).destination();
    return servers.get(prompt % SERVERS).server().hostPort().equals(destination);
  }

  private static double states(RunningPicker picker, String state) {
    return picker.metrics().sum("llm_d_epp_kv_cache_events_completeness", "state=\"" + state + '"');
  }

  private static double snapshots(RunningPicker picker, String outcome) {
    return picker.metrics().sum("llm_d_epp_kv_cache_snapshots_total", "outcome=\"" + outcome + '"');
  }

  private static String configuration(HttpServer renderer, int port) {
    return RunningPicker.configuration("prefix-cache-scorer")
        .replace(
            "- type: prefix-cache-scorer\n",
            """
            - type: token-producer
              parameters: {modelName: m, vllm: {url: "http://127.0.0.1:%d"}}
            - type: precise-prefix-cache-producer
              parameters:
                tokenProcessorConfig: {blockSizeTokens: %d}
                kvEventsConfig:
                  topicFilter: "kv@"
                  podDiscoveryConfig: {socketPort: %d, replaySocketPort: %d}
            - type: prefix-cache-scorer
              parameters: {prefixMatchInfoProducerName: precise-prefix-cache-producer}
            """
                .formatted(
                    renderer.getAddress().getPort(), PublishingServer.BLOCK, port, port + 1));
  }

  /** Each prompt's tokens are its number. */
  private static HttpServer renderer() throws IOException {
    HttpServer renderer =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    renderer.createContext(
        "/v1/completions/render",
        exchange -> {
          try (exchange) {
            String body =
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            Matcher prompt = PROMPT.matcher(body);
            String token = prompt.find() ? prompt.group(1) : "0";
            byte[] ids =
                Collections.nCopies(TOKENS, token).stream()
                    .collect(Collectors.joining(",", "[{\"token_ids\":[", "]}]"))
                    .getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, ids.length);
            exchange.getResponseBody().write(ids);
          }
        });
    renderer.start();
    return renderer;
  }
}
