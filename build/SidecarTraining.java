import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Leaves a cache of ahead-of-time work in the sidecar's distribution (JEP 483, 515): starts it
 * between two model servers, lets requests of every usual kind pass, and stops it; the Java virtual
 * machine writes what it learned. Runs as a single-file program: it needs the JDK alone, and the
 * sidecar is built without anything of the picker.
 */
final class SidecarTraining {

  private static final Duration LONGEST_WAIT = Duration.ofMinutes(2);
  private static final int ROUNDS = 300;
  private static final int EVENTS = 20;
  private static final String ANSWER =
      """
      {"id":"a","choices":[{"index":0,"message":{"role":"assistant","content":"b"},\
      "finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":1,"total_tokens":10,\
      "prompt_tokens_details":{"cached_tokens":4}},"kv_transfer_params":{"do_remote_prefill":true,\
      "do_remote_decode":false,"remote_engine_id":"e","remote_block_ids":[1,2],\
      "remote_host":"127.0.0.1","remote_port":1}}\
      """;
  private static final String EVENT =
      """
      data: {"id":"a","object":"chat.completion.chunk","choices":[{"index":0,"delta":\
      {"content":" word"},"finish_reason":null}],"usage":null}

      """;
  private static final String USAGE =
      """
      data: {"id":"a","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":20}}

      data: [DONE]

      """;

  static {
    // An answer leaves in two writes, headers and body. With Nagle's algorithm the end of the body
    // waits until the client has acknowledged the headers, which it delays by 40 ms.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private SidecarTraining() {}

  /**
   * Writes the cache, or fails with what the program printed.
   *
   * @param arguments the distribution's folder
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path distribution = Path.of(arguments[0]).toAbsolutePath();
    Path cache = distribution.resolve("lib/pd-sidecar.aot");
    Files.deleteIfExists(cache);
    Path work = Files.createTempDirectory("sidecar-training");
    Path log = work.resolve("log");
    Path fresh = work.resolve("fresh.aot");
    int port = freePort();
    HttpServer engine = engine();
    Process sidecar = start(distribution, fresh, log, port, engine.getAddress().getPort());
    try {
      awaitReady(sidecar, log, port);
      send(port, engine.getAddress().getPort());
      sidecar.destroy();
      boolean isWritten =
          sidecar.waitFor(LONGEST_WAIT.toSeconds(), TimeUnit.SECONDS) && Files.exists(fresh);
      if (!isWritten) {
        throw new IOException("no ahead-of-time cache was written:\n" + Files.readString(log));
      }
      Files.copy(fresh, cache);
    } finally {
      sidecar.destroyForcibly();
      engine.stop(0);
      Files.deleteIfExists(fresh);
      Files.deleteIfExists(log);
      Files.deleteIfExists(work);
    }
  }

  private static Process start(Path distribution, Path cache, Path log, int port, int enginePort)
      throws IOException {
    ProcessBuilder program =
        new ProcessBuilder(
            distribution.resolve("bin/pd-sidecar").toString(),
            "--port=" + port,
            "--model-server-port=" + enginePort,
            "--metrics-port=" + freePort(),
            "--secure-proxy=false",
            "--zap-log-level=info");
    program.environment().put("JAVA_OPTS", "-XX:AOTCacheOutput=" + cache);
    return program.redirectErrorStream(true).redirectOutput(log.toFile()).start();
  }

  /** Both of the prompt and of the answer. */
  private static HttpServer engine() throws IOException {
    HttpServer engine =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    engine.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    engine.createContext("/", SidecarTraining::answer);
    engine.start();
    return engine;
  }

  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
      if (!body.contains("\"stream\":true")) {
        byte[] answer = ANSWER.getBytes(UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, answer.length);
        exchange.getResponseBody().write(answer);
        return;
      }
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
      exchange.sendResponseHeaders(200, 0);
      OutputStream events = exchange.getResponseBody();
      for (int i = 0; i < EVENTS; i++) {
        events.write(EVENT.getBytes(UTF_8));
        events.flush();
      }
      events.write(USAGE.getBytes(UTF_8));
    }
  }

  private static void awaitReady(Process sidecar, Path log, int port)
      throws IOException, InterruptedException {
    Instant end = Instant.now().plus(LONGEST_WAIT);
    while (!isReady(port)) {
      if (sidecar.waitFor(100, TimeUnit.MILLISECONDS) || Instant.now().isAfter(end)) {
        throw new IOException("the sidecar did not start:\n" + Files.readString(log));
      }
    }
  }

  private static boolean isReady(int port) throws InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request = HttpRequest.newBuilder(uri(port, "/health")).build();
      return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException notYet) {
      return false;
    }
  }

  private static void send(int port, int enginePort) throws IOException, InterruptedException {
    String prompt = "word ".repeat(400);
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      for (int round = 0; round < ROUNDS; round++) {
        for (HttpRequest request : requests(port, enginePort, prompt)) {
          HttpResponse<Void> answer = client.send(request, BodyHandlers.discarding());
          if (answer.statusCode() != 200) {
            throw new IOException(request + " was answered with " + answer.statusCode());
          }
        }
      }
    }
  }

  private static List<HttpRequest> requests(int port, int enginePort, String prompt) {
    List<HttpRequest> requests = new ArrayList<>();
    requests.add(HttpRequest.newBuilder(uri(port, "/v1/models")).build());
    for (String stream : List.of("", ",\"stream\":true")) {
      HttpRequest.Builder chat =
          HttpRequest.newBuilder(uri(port, "/v1/chat/completions"))
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.ofString(chat(prompt, stream)));
      requests.add(chat.build());
      requests.add(chat.header("x-prefiller-host-port", "127.0.0.1:" + enginePort).build());
    }
    return requests;
  }

  private static String chat(String prompt, String more) {
    return """
    {"model":"m","max_tokens":20,"messages":[{"role":"user","content":"%s"}]%s}\
    """
        .formatted(prompt, more);
  }

  private static URI uri(int port, String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  private static int freePort() throws IOException {
    try (ServerSocket probe = new ServerSocket(0)) {
      return probe.getLocalPort();
    }
  }
}
