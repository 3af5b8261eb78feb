package ai.llmd.epp.acceptance.scenario;

import static ai.llmd.epp.acceptance.inprocess.Asking.completion;
import static ai.llmd.epp.acceptance.inprocess.Asking.route;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** Tokens from a renderer, events from model servers: requests go where their prompt is. */
class PreciseRoutingTest {

  private static final int TOKENS = 64;
  private static final int BLOCK = 16;
  private static final int TRIES_OF_A_CONNECTION = 30;

  @Test
  void aRequestGoesToTheServerThatPublishedItsPrompt() throws IOException {
    List<ModelServer> servers =
        IntStream.range(0, 4).mapToObj(i -> ModelServer.loaded("pod-" + i, 0, 0)).toList();
    HttpServer renderer = renderer();
    String events = "tcp://127.0.0.1:" + freePort();
    try (RunningPicker picker = RunningPicker.start(configuration(renderer, events), servers);
        ZContext context = new ZContext()) {
      for (int holder : new int[] {2, 1}) {
        String wanted = servers.get(holder).hostPort();
        ZMQ.Socket publisher = context.createSocket(SocketType.PUB);
        publisher.connect(events);
        AtomicInteger tries = new AtomicInteger();
        await()
            .until(
                () -> {
                  if (tries.incrementAndGet() % TRIES_OF_A_CONNECTION == 0) { // it may never begin
                    publisher.disconnect(events);
                    publisher.connect(events);
                  }
                  publish(publisher, wanted, holder);
                  return IntStream.range(0, 5).allMatch(i -> wanted.equals(destination(picker)));
                });
        clear(publisher, wanted);
      }
    } finally {
      renderer.stop(0);
      servers.forEach(ModelServer::close);
    }
  }

  private static String destination(RunningPicker picker) {
    return route(picker, Map.of(), completion("m", "a prompt")).destination();
  }

  private static String configuration(HttpServer renderer, String events) {
    return RunningPicker.configuration("prefix-cache-scorer")
        .replace(
            "- type: prefix-cache-scorer\n",
            """
            - type: token-producer
              parameters: {modelName: m, vllm: {url: "http://127.0.0.1:%d"}}
            - type: precise-prefix-cache-producer
              parameters: {kvEventsConfig: {zmqEndpoint: "%s", discoverPods: false}}
            - type: prefix-cache-scorer
              parameters: {prefixMatchInfoProducerName: precise-prefix-cache-producer}
            """
                .formatted(renderer.getAddress().getPort(), events));
  }

  private static HttpServer renderer() throws IOException {
    HttpServer renderer =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    String ids =
        IntStream.rangeClosed(1, TOKENS)
            .mapToObj(Integer::toString)
            .collect(Collectors.joining(",", "[{\"token_ids\":[", "]}]"));
    renderer.createContext(
        "/v1/completions/render",
        exchange -> {
          try (exchange) {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, ids.length());
            exchange.getResponseBody().write(ids.getBytes(StandardCharsets.US_ASCII));
          }
        });
    renderer.start();
    return renderer;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Blocks of the prompt, under hashes of the server's own. */
  private static void publish(ZMQ.Socket publisher, String server, int hash) {
    var batch = batch();
    batch.write(0x95);
    text(batch, "BlockStored");
    batch.write(0x90 | TOKENS / BLOCK);
    for (int i = 1; i <= TOKENS / BLOCK; i++) {
      batch.write(10 * hash + i);
    }
    batch.write(0xc0);
    batch.write(0xdc);
    batch.write(0);
    batch.write(TOKENS);
    for (int token = 1; token <= TOKENS; token++) {
      batch.write(token);
    }
    batch.write(BLOCK);
    send(publisher, server, 0, batch);
  }

  private static void clear(ZMQ.Socket publisher, String server) {
    var batch = batch();
    batch.write(0x91);
    text(batch, "AllBlocksCleared");
    send(publisher, server, 1, batch);
  }

  private static ByteArrayOutputStream batch() {
    var batch = new ByteArrayOutputStream();
    batch.write(0x93);
    batch.write(0); // the time
    batch.write(0x91);
    return batch;
  }

  private static void text(ByteArrayOutputStream batch, String text) {
    batch.write(0xa0 | text.length());
    batch.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static void send(
      ZMQ.Socket publisher, String server, long number, ByteArrayOutputStream batch) {
    batch.write(0); // the rank
    publisher.send("kv@" + server + "@m", ZMQ.SNDMORE);
    publisher.send(ByteBuffer.allocate(Long.BYTES).putLong(number).array(), ZMQ.SNDMORE);
    publisher.send(batch.toByteArray(), 0);
  }
}
