package ai.llmd.epp.acceptance.stack;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/** HTTP/1.1 to one port of this machine. Safe for any number of threads. */
public final class Client {

  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);
  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(ANSWER_WITHIN)
          .build();

  private final String host;
  private final int port;

  Client(int port) {
    this(SimulatorProcess.LOOPBACK, port);
  }

  /**
   * Talks to a port at one of the addresses of this machine.
   *
   * @param host such as {@code 127.0.0.2}
   */
  Client(String host, int port) {
    this.host = host;
    this.port = port;
  }

  /** Talks to a port of this machine. */
  public static Client of(int port) {
    return new Client(port);
  }

  /** Where it connects to, on this machine. */
  public int port() {
    return port;
  }

  public Reply get(String path) {
    return send(request(path).GET().build());
  }

  public Reply post(String path, String body) {
    return send(request(path).POST(HttpRequest.BodyPublishers.ofString(body)).build());
  }

  /**
   * A chat completion that is not streamed.
   *
   * @param headers further ones, names and values in turn
   */
  public Reply chat(Prompt prompt, String... headers) {
    HttpRequest.Builder request =
        request("/v1/chat/completions").POST(HttpRequest.BodyPublishers.ofString(prompt.chat()));
    return send((headers.length == 0 ? request : request.headers(headers)).build());
  }

  /** A chat completion that may be long in coming; cancelling it closes the connection. */
  public CompletableFuture<Reply> chatLater(Prompt prompt) {
    HttpRequest request =
        request("/v1/chat/completions")
            .timeout(ANSWER_WITHIN.multipliedBy(6))
            .POST(HttpRequest.BodyPublishers.ofString(prompt.chat()))
            .build();
    CompletableFuture<HttpResponse<String>> sent = HTTP.sendAsync(request, BodyHandlers.ofString());
    CompletableFuture<Reply> reply = sent.thenApply(Reply::of);
    var _ =
        reply.whenComplete(
            (ignored, failure) -> {
              if (failure instanceof CancellationException) {
                sent.cancel(true);
              }
            });
    return reply;
  }

  /**
   * A streamed chat completion; returns at once, the answer comes in the background.
   *
   * @param headers further ones, names and values in turn
   */
  public OpenStream stream(Prompt prompt, String... headers) {
    HttpRequest.Builder request =
        request("/v1/chat/completions")
            .POST(HttpRequest.BodyPublishers.ofString(prompt.streamedChat()));
    return OpenStream.open(
        HTTP, (headers.length == 0 ? request : request.headers(headers)).build());
  }

  /** Whether a GET is answered with 200. */
  public boolean isOk(String path) {
    try {
      return get(path).status() == 200;
    } catch (UncheckedIOException notThere) {
      return false;
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://" + host + ":" + port + path))
        .timeout(ANSWER_WITHIN)
        .header("content-type", "application/json");
  }

  private static Reply send(HttpRequest request) {
    try {
      return Reply.of(HTTP.send(request, BodyHandlers.ofString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new InterruptedIOException());
    }
  }
}
