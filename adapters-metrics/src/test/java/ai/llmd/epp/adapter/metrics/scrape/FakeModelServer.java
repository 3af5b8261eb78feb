package ai.llmd.epp.adapter.metrics.scrape;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ServerSocketFactory;
import org.jspecify.annotations.Nullable;

/** A metrics port whose answers are written byte by byte, well-behaved or not. */
final class FakeModelServer implements AutoCloseable {

  /** Answers one GET. */
  interface Answer {
    /** Returns false to close the connection. */
    boolean to(String path, OutputStream out) throws IOException;
  }

  final AtomicInteger requests = new AtomicInteger();
  final AtomicInteger connections = new AtomicInteger();
  final AtomicInteger waitingRequests = new AtomicInteger();
  private final ServerSocket server;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile Answer answer;

  FakeModelServer(Answer answer) {
    this(answer, ServerSocketFactory.getDefault(), "127.0.0.1");
  }

  FakeModelServer(Answer answer, ServerSocketFactory sockets, String address) {
    this.answer = answer;
    try {
      server = sockets.createServerSocket(0, 200, InetAddress.getByName(address));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  /** A server that always serves its queue length, which tests may set. */
  static FakeModelServer wellBehaved() {
    return new FakeModelServer((path, out) -> false).answering();
  }

  FakeModelServer answering() {
    answer = (path, out) -> ok(out, page(waitingRequests.get()));
    return this;
  }

  void answer(Answer next) {
    answer = next;
  }

  static String page(int waiting) {
    return "# TYPE vllm:num_requests_waiting gauge\nvllm:num_requests_waiting " + waiting + "\n";
  }

  static boolean ok(OutputStream out, String page) throws IOException {
    return write(
        out, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s".formatted(page.length(), page));
  }

  static boolean write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(UTF_8));
    out.flush();
    return true;
  }

  EndpointState endpoint(int slot) {
    return new EndpointState(slot, 1, description("e" + slot));
  }

  Endpoint description(String name) {
    String address = server.getInetAddress().getHostAddress();
    return Endpoint.of(new EndpointId("ns", name), address, port(), Map.of());
  }

  int port() {
    return server.getLocalPort();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        connections.incrementAndGet();
        open.add(socket);
        if (server.isClosed()) { // a virtual thread may accept one more after the close
          socket.close();
        }
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      BufferedReader in =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
      boolean goOn = true;
      while (goOn) {
        String path = readGet(in);
        if (path == null) {
          return;
        }
        requests.incrementAndGet();
        goOn = answer.to(path, socket.getOutputStream());
      }
    } catch (IOException e) {
      // the scraper hung up, as it may
    } finally {
      open.remove(socket);
    }
  }

  private static @Nullable String readGet(BufferedReader in) throws IOException {
    String first = in.readLine();
    for (String line = first; line != null && !line.isEmpty(); ) {
      line = in.readLine();
    }
    return first == null ? null : first.split(" ", -1)[1];
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
