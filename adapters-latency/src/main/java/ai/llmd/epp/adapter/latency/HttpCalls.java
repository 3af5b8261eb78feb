package ai.llmd.epp.adapter.latency;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Calls that are answered in JSON. A longer answer than wanted is a failure. Any thread. */
final class HttpCalls implements AutoCloseable {

  private static final Duration MAX_CONNECT = Duration.ofSeconds(5);

  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient client;

  HttpCalls(Duration timeout) {
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(timeout.compareTo(MAX_CONNECT) < 0 ? timeout : MAX_CONNECT)
            .executor(executor)
            .build();
  }

  /** Posts JSON; cancelling what is returned ends the call. */
  CompletableFuture<HttpResponse<byte[]>> post(
      URI server, String path, byte[] json, long maxAnswerBytes) {
    return send(
        HttpRequest.newBuilder(URI.create(server + path))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(json))
            .build(),
        maxAnswerBytes);
  }

  CompletableFuture<HttpResponse<byte[]>> get(URI server, String path, long maxAnswerBytes) {
    return send(HttpRequest.newBuilder(URI.create(server + path)).build(), maxAnswerBytes);
  }

  private CompletableFuture<HttpResponse<byte[]>> send(HttpRequest request, long maxAnswerBytes) {
    return client.sendAsync(
        request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), maxAnswerBytes));
  }

  @Override
  public void close() {
    client.shutdownNow();
    executor.shutdownNow();
  }
}
