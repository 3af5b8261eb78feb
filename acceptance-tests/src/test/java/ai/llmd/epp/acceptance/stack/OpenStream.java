package ai.llmd.epp.acceptance.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A streamed answer while it arrives, read by a virtual thread of its own. */
public final class OpenStream {

  private static final JsonMapper JSON = new JsonMapper();
  private static final String DATA = "data: ";
  private static final String DONE = "[DONE]";
  private static final Duration WITHIN = Duration.ofSeconds(30);

  private final List<String> events = new CopyOnWriteArrayList<>(); // the reader appends
  private final FutureTask<HttpResponse<?>> reading;

  private OpenStream(HttpClient http, HttpRequest request) {
    reading = new FutureTask<>(() -> read(http, request));
  }

  static OpenStream open(HttpClient http, HttpRequest request) {
    OpenStream stream = new OpenStream(http, request);
    Thread.startVirtualThread(stream.reading);
    return stream;
  }

  private HttpResponse<?> read(HttpClient http, HttpRequest request)
      throws IOException, InterruptedException {
    HttpResponse<Stream<String>> response = http.send(request, BodyHandlers.ofLines());
    try (Stream<String> lines = response.body()) {
      lines
          .filter(line -> line.startsWith(DATA))
          .map(line -> line.substring(DATA.length()))
          .forEach(events::add);
    }
    return response;
  }

  /** Waits until the answer has begun. */
  public OpenStream awaitFirstToken() {
    await()
        .atMost(WITHIN)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> reading.isDone() || tokens() > 0);
    return this;
  }

  public boolean isOver() {
    return reading.isDone();
  }

  /**
   * Waits for the end and checks that nothing is missing: status 200, every token, usage,
   * terminator.
   */
  public void assertComplete(int answerTokens) {
    HttpResponse<?> response = awaitEnd();
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(events).last().isEqualTo(DONE);
    assertThat(tokens()).isEqualTo(answerTokens);
    assertThat(chunks().map(chunk -> chunk.at("/usage/completion_tokens").asInt(0)))
        .as("usage")
        .contains(answerTokens);
  }

  /** Waits for the end; the port of the model server that answered, 0 when none did. */
  public int servedBy() {
    return Reply.servedBy(awaitEnd());
  }

  /** Waits for the end. */
  public int status() {
    return awaitEnd().statusCode();
  }

  private HttpResponse<?> awaitEnd() {
    try {
      return reading.get(WITHIN.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError(
          "the stream broke off after " + events.size() + " events", e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("the stream has not ended; " + events.size() + " events so far", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private long tokens() {
    return chunks()
        .filter(chunk -> !chunk.at("/choices/0/delta/content").asString("").isEmpty())
        .count();
  }

  private Stream<JsonNode> chunks() {
    return events.stream().filter(event -> !event.equals(DONE)).map(JSON::readTree);
  }
}
