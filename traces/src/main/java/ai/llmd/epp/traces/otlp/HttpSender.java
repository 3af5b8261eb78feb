package ai.llmd.epp.traces.otlp;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** Sends OTLP over HTTP by the JDK's client. */
final class HttpSender implements SpanSender {

  private static final Set<Integer> WORTH_A_RETRY = Set.of(429, 502, 503, 504);
  private static final int SUCCESS = 200;
  private static final int NO_SUCCESS = 300;

  private final HttpClient client;
  private final Collector collector;

  private HttpSender(HttpClient client, Collector collector) {
    this.client = client;
    this.collector = collector;
  }

  static HttpSender to(Collector collector) {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(collector.timeout());
    if (collector.isSecure() && collector.tls() != null) {
      builder.sslContext(collector.tls().context());
    }
    return new HttpSender(builder.build(), collector);
  }

  @Override
  public void send(byte[] request) throws IOException, InterruptedException {
    byte[] body = collector.isCompressed() ? compressed(request) : request;
    long end = System.nanoTime() + collector.timeout().toNanos();
    for (int attempt = 1; ; attempt++) {
      long left = Math.max(1, end - System.nanoTime());
      IOException failure = attempt(body, Duration.ofNanos(left));
      if (failure == null) {
        return;
      }
      long pause = Retries.pauseNanos(attempt);
      boolean isOver = attempt == Retries.MAX_ATTEMPTS || end - System.nanoTime() - pause <= 0;
      if (isOver || !(failure instanceof Transient)) {
        throw failure;
      }
      TimeUnit.NANOSECONDS.sleep(pause);
    }
  }

  /** Null when the collector took it. */
  private @Nullable IOException attempt(byte[] body, Duration timeout) throws InterruptedException {
    var answer = client.sendAsync(request(body, timeout), HttpResponse.BodyHandlers.discarding());
    try {
      return refusal(answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS).statusCode());
    } catch (ExecutionException e) {
      return isOfConnecting(e.getCause())
          ? new Transient(e.getCause())
          : new IOException(e.getCause());
    } catch (TimeoutException e) { // the request's own ends with the head of an answer
      return new HttpTimeoutException("no whole answer in time");
    } finally {
      answer.cancel(true); // breaks off what is not done
    }
  }

  private static @Nullable IOException refusal(int status) {
    if (status >= SUCCESS && status < NO_SUCCESS) {
      return null;
    }
    IOException refused = new IOException("the collector answered with status " + status);
    return WORTH_A_RETRY.contains(status) ? new Transient(refused) : refused;
  }

  private static boolean isOfConnecting(@Nullable Throwable failure) {
    return failure instanceof ConnectException || failure instanceof HttpConnectTimeoutException;
  }

  /** One that another attempt may not meet. */
  private static final class Transient extends IOException {

    private static final long serialVersionUID = 1;

    Transient(@Nullable Throwable cause) {
      super(cause);
    }
  }

  private HttpRequest request(byte[] body, Duration timeout) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(collector.endpoint())
            .timeout(timeout)
            .header("Content-Type", "application/x-protobuf")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    if (collector.isCompressed()) {
      builder.header("Content-Encoding", "gzip");
    }
    collector.headers().forEach(builder::header);
    return builder.build();
  }

  private static byte[] compressed(byte[] request) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(request.length / 4);
    try (OutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(request);
    }
    return bytes.toByteArray();
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
