package ai.llmd.epp.benchmark;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.LongAdder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Ports that answer any request with a metrics page and do nothing else, so that the cores are left
 * to the program under test. On port 1 below the first one, the number of pages served so far.
 */
@Command(name = "page-servers")
final class PageServers implements Callable<Integer> {

  @Option(names = "--port", required = true)
  private int firstPort;

  @Option(names = "--servers", required = true)
  private int servers;

  @Option(names = "--page-bytes", required = true)
  private int pageBytes;

  private final LongAdder served = new LongAdder();

  @Override
  public Integer call() throws IOException, InterruptedException {
    byte[] page = response(MetricsPages.page(pageBytes, 1, 2, 0.3));
    for (int i = 0; i < servers; i++) {
      listen(
          firstPort + i,
          () -> {
            served.increment();
            return page;
          });
    }
    listen(
        firstPort - 1,
        () -> response(Long.toString(served.sum()).getBytes(StandardCharsets.US_ASCII)));
    new CountDownLatch(1).await();
    return 0;
  }

  private interface Answering {
    byte[] answer();
  }

  private static byte[] response(byte[] body) {
    byte[] head =
        ("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: "
                + body.length
                + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    byte[] response = new byte[head.length + body.length];
    System.arraycopy(head, 0, response, 0, head.length);
    System.arraycopy(body, 0, response, head.length, body.length);
    return response;
  }

  private static void listen(int port, Answering answering) throws IOException {
    ServerSocket listener = new ServerSocket(port, 64, InetAddress.getLoopbackAddress());
    Thread.ofVirtual()
        .start(
            () -> {
              while (true) {
                try {
                  Socket connection = listener.accept();
                  Thread.ofVirtual().start(() -> serve(connection, answering));
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              }
            });
  }

  private static void serve(Socket connection, Answering answering) {
    try (connection) {
      connection.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(connection.getInputStream(), 1_024);
      OutputStream out = connection.getOutputStream();
      while (readHead(in)) {
        out.write(answering.answer());
      }
    } catch (IOException e) {
      // the other side has gone
    }
  }

  /** Requests have no body; an empty line ends them. */
  private static boolean readHead(InputStream in) throws IOException {
    int lineFeeds = 0;
    int next;
    while ((next = in.read()) >= 0) {
      if (next == '\n') {
        if (++lineFeeds == 2) {
          return true;
        }
      } else if (next != '\r') {
        lineFeeds = 0;
      }
    }
    return false;
  }
}
