package ai.llmd.epp.sidecar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** A model server of which a test sends and reads the very bytes. */
public final class RawEngine implements AutoCloseable {

  private final ServerSocket listening;
  private final AtomicInteger open = new AtomicInteger();

  /** Does what a test wants with a connection. */
  public interface Script {

    /** The head of the request was read; the connection is closed behind this. */
    void run(Socket connection, String head) throws IOException;
  }

  /** Runs the script with each connection. */
  public RawEngine(Script script) {
    try {
      listening = new ServerSocket(0, 4096, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.startVirtualThread(() -> accept(script));
  }

  private void accept(Script script) {
    while (!listening.isClosed()) {
      try {
        Socket connection = listening.accept();
        if (listening.isClosed()) { // a virtual thread may accept one more after the close
          connection.close();
        }
        Thread.startVirtualThread(() -> run(connection, script));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void run(Socket connection, Script script) {
    open.incrementAndGet();
    try (connection) {
      script.run(connection, head(connection.getInputStream()));
    } catch (IOException e) {
      // the sidecar went away
    } finally {
      open.decrementAndGet();
    }
  }

  /** Connections that are open. */
  public int open() {
    return open.get();
  }

  /** Up to the empty line. */
  public static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        break;
      }
      head.write(next);
    }
    return head.toString(ISO_8859_1);
  }

  /** Each character is a byte. */
  public static void send(Socket to, String text) throws IOException {
    to.getOutputStream().write(text.getBytes(ISO_8859_1));
    to.getOutputStream().flush();
  }

  public int port() {
    return listening.getLocalPort();
  }

  @Override
  public void close() {
    try {
      listening.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
