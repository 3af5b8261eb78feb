package ai.llmd.epp.traces.otlp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * Sends OTLP over HTTP/1.1, one request after the other over one connection, on the thread that
 * exports. The JDK's client costs many times as much for a request every now and then: it spends
 * most of it between its threads.
 */
final class HttpSender implements SpanSender {

  private static final Set<Integer> WORTH_A_RETRY = Set.of(429, 502, 503, 504);
  private static final Set<String> OWN_HEADERS =
      Set.of(
          "host",
          "content-length",
          "content-type",
          "content-encoding",
          "connection",
          "transfer-encoding",
          "expect",
          "te",
          "trailer",
          "upgrade");
  private static final int SUCCESS = 200;
  private static final int NO_SUCCESS = 300;
  private static final int HTTPS = 443;
  private static final int HTTP = 80;

  private final Collector collector;
  private final String head; // without the length
  private final SendDeadline deadline = new SendDeadline(this::closeOpen);
  private @Nullable HttpConnection connection;
  private volatile @Nullable Socket open;
  private volatile boolean isClosed;

  private HttpSender(Collector collector) {
    this.collector = collector;
    this.head = head(collector);
  }

  static HttpSender to(Collector collector) {
    return new HttpSender(collector);
  }

  private static String head(Collector collector) {
    URI endpoint = collector.endpoint();
    StringBuilder head = new StringBuilder("POST ").append(path(endpoint));
    head.append(" HTTP/1.1\r\nHost: ").append(endpoint.getHost());
    if (endpoint.getPort() >= 0) {
      head.append(':').append(endpoint.getPort());
    }
    head.append("\r\nContent-Type: application/x-protobuf\r\n");
    if (collector.isCompressed()) {
      head.append("Content-Encoding: gzip\r\n");
    }
    collector
        .headers()
        .forEach(
            (name, value) -> {
              if (!OWN_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
                head.append(name).append(": ").append(value).append("\r\n");
              }
            });
    return head.append("Content-Length: ").toString();
  }

  private static String path(URI endpoint) {
    String path = endpoint.getRawPath();
    String query = endpoint.getRawQuery();
    String given = path == null || path.isEmpty() ? "/" : path;
    return query == null ? given : given + '?' + query;
  }

  @Override
  public void send(byte[] request) throws IOException, InterruptedException {
    byte[] body = collector.isCompressed() ? compressed(request) : request;
    long end = System.nanoTime() + collector.timeout().toNanos();
    for (int attempt = 1; ; attempt++) {
      IOException failure = attempt(body, end);
      if (failure == null) {
        return;
      }
      long pause = Retries.pauseNanos(attempt);
      boolean isOver = attempt == Retries.MAX_ATTEMPTS || end - System.nanoTime() <= pause;
      if (isOver || isClosed || !(failure instanceof Transient)) {
        throw failure;
      }
      TimeUnit.NANOSECONDS.sleep(pause);
    }
  }

  /** Null when the collector took it. */
  private @Nullable IOException attempt(byte[] body, long end) {
    try {
      return refusal(ask(body, end));
    } catch (IOException e) {
      return connection == null ? new Transient(e) : new IOException(e);
    } finally {
      HttpConnection used = connection;
      if (used != null && !used.isReusable()) {
        disconnect();
      }
    }
  }

  private static @Nullable IOException refusal(int status) {
    if (status >= SUCCESS && status < NO_SUCCESS) {
      return null;
    }
    IOException refused = new IOException("the collector answered with status " + status);
    return WORTH_A_RETRY.contains(status) ? new Transient(refused) : refused;
  }

  /** One that another attempt may not meet. */
  private static final class Transient extends IOException {

    private static final long serialVersionUID = 1;

    Transient(Throwable cause) {
      super(cause);
    }
  }

  private int ask(byte[] body, long end) throws IOException {
    HttpConnection kept = connection;
    if (kept != null) {
      try {
        return ask(kept, body, end);
      } catch (IOException e) { // closed for being idle, most likely
        disconnect();
        if (isClosed || end - System.nanoTime() <= 0) {
          throw e;
        }
      }
    }
    HttpConnection fresh = connect(end);
    connection = fresh;
    return ask(fresh, body, end);
  }

  /** Nothing else ends a write to a collector that does not read. */
  private int ask(HttpConnection asked, byte[] body, long end) throws IOException {
    deadline.begin(end);
    try {
      return asked.ask((head + body.length + "\r\n\r\n").getBytes(ISO_8859_1), body);
    } catch (IOException e) {
      if (end - System.nanoTime() <= 0) {
        throw new SocketTimeoutException("no answer in time");
      }
      throw e;
    } finally {
      deadline.end();
    }
  }

  private HttpConnection connect(long end) throws IOException {
    URI endpoint = collector.endpoint();
    boolean isSecure = collector.isSecure();
    int port = endpoint.getPort() >= 0 ? endpoint.getPort() : isSecure ? HTTPS : HTTP;
    int left = (int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime()));
    Socket socket = new Socket();
    try {
      open = socket;
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(left); // of a handshake, too
      socket.connect(new InetSocketAddress(endpoint.getHost(), port), left);
      if (isClosed) {
        throw new IOException("the program ends");
      }
      return new HttpConnection(isSecure ? secured(socket, endpoint.getHost(), port) : socket);
    } catch (IOException | RuntimeException e) {
      close(socket);
      throw e;
    }
  }

  private SSLSocket secured(Socket socket, String host, int port) throws IOException {
    SSLSocket secured =
        (SSLSocket) context().getSocketFactory().createSocket(socket, host, port, true);
    SSLParameters parameters = secured.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    secured.setSSLParameters(parameters);
    secured.startHandshake();
    return secured;
  }

  private SSLContext context() {
    if (collector.tls() != null) {
      return collector.tls().context();
    }
    try {
      return SSLContext.getDefault();
    } catch (NoSuchAlgorithmException e) {
      throw new UncheckedIOException(new IOException(e));
    }
  }

  private static byte[] compressed(byte[] request) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(request.length / 4 + 64);
    try (OutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(request);
    }
    return bytes.toByteArray();
  }

  private void disconnect() {
    connection = null;
    closeOpen();
  }

  @Override
  public void close() {
    isClosed = true;
    closeOpen();
  }

  private void closeOpen() {
    close(open);
  }

  private static void close(@Nullable Socket socket) {
    try {
      if (socket != null) {
        socket.close();
      }
    } catch (IOException e) {
      // is closed, or as good as
    }
  }
}
