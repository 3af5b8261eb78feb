package ai.llmd.epp.adapter.tokenizers;

import ai.llmd.epp.domain.calls.WithoutResultException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Posts to renderers, one after the other. What fails on the way, takes too long, or is answered
 * 408, 429 or 5xx is tried once more at another renderer, if there is one. Any thread; blocks.
 */
final class RenderCalls implements AutoCloseable {

  /** Longest answer that is read. */
  static final int MAX_ANSWER_BYTES = 64 << 20;

  private static final int MAX_ATTEMPTS = 2;

  private final HttpClient client;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final Supplier<List<URI>> renderers;
  private final @Nullable Duration attemptTimeout;
  private final LongSupplier nanos;
  private final AtomicInteger turn = new AtomicInteger();

  /**
   * An answer, whatever its status.
   *
   * @param body its bytes
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  record Answer(int status, byte[] body) {

    boolean isGood() {
      return status >= 200 && status < 300;
    }

    private boolean isToBeRetried() {
      return status == 408 || status == 429 || status >= 500;
    }
  }

  /**
   * @param renderers where they are now, without a path
   * @param nanos the time, in the manner of {@link System#nanoTime}
   */
  RenderCalls(
      Supplier<List<URI>> renderers,
      RenderTls tls,
      @Nullable Duration attemptTimeout,
      Duration connectTimeout,
      LongSupplier nanos) {
    this.renderers = renderers;
    this.attemptTimeout = attemptTimeout;
    this.nanos = nanos;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(connectTimeout)
            .sslContext(tls.context())
            .executor(executor)
            .build();
  }

  /**
   * Posts JSON.
   *
   * @param authorization empty for none
   * @param limit of all attempts together
   * @throws WithoutResultException if no renderer answers
   */
  Answer post(String path, byte[] json, String authorization, Duration limit)
      throws InterruptedException {
    List<URI> known = renderers.get();
    if (known.isEmpty()) {
      throw new WithoutResultException("has no renderer to ask");
    }
    long deadline = nanos.getAsLong() + limit.toNanos();
    int first = Math.floorMod(turn.getAndIncrement(), known.size());
    int attempts = Math.min(MAX_ATTEMPTS, known.size());
    for (int attempt = 1; ; attempt++) {
      URI renderer = known.get((first + attempt - 1) % known.size());
      boolean isLast = attempt == attempts;
      long left = deadline - nanos.getAsLong();
      if (left <= 0) {
        throw new WithoutResultException("was not answered within " + limit.toMillis() + " ms");
      }
      try {
        Answer answer = send(renderer, path, json, authorization, left);
        if (isLast || !answer.isToBeRetried()) {
          return answer;
        }
      } catch (HttpTimeoutException e) {
        if (isLast) {
          throw new WithoutResultException("was not answered in time");
        }
      } catch (IOException e) {
        if (isLast) {
          throw new WithoutResultException("could not reach a renderer");
        }
      }
    }
  }

  private Answer send(URI renderer, String path, byte[] json, String authorization, long nanosLeft)
      throws IOException, InterruptedException {
    Duration left = Duration.ofNanos(nanosLeft);
    Duration own = attemptTimeout;
    Duration attempt = own != null && own.compareTo(left) < 0 ? own : left;
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(renderer + path))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(json));
    if (!authorization.isEmpty()) {
      request.header("authorization", authorization);
    }
    HttpResponse<byte[]> response = whole(request.build(), attempt);
    return new Answer(response.statusCode(), response.body());
  }

  /** The time of a request in the JDK's client ends with the headers of the answer. */
  private HttpResponse<byte[]> whole(HttpRequest request, Duration limit)
      throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> call =
        client.sendAsync(
            request,
            HttpResponse.BodyHandlers.limiting(
                HttpResponse.BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES));
    try {
      return call.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new HttpTimeoutException("no complete answer in time");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
    } finally {
      call.cancel(true);
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
    executor.shutdownNow();
  }
}
