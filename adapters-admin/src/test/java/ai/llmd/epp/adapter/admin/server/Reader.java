package ai.llmd.epp.adapter.admin.server;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A client that does what it should not; it takes in little by itself. */
final class Reader implements AutoCloseable {

  private static final int FEW_BYTES = 4096;
  private static final int PATIENCE_MILLIS = 60_000;

  private final Socket socket;

  private Reader(Socket socket) {
    this.socket = socket;
  }

  static Reader connect(int port) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(FEW_BYTES);
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return new Reader(socket);
  }

  static Reader connect(int port, SSLContext tls) throws IOException {
    return connect(port, tls, "TLSv1.3");
  }

  static Reader connect(int port, SSLContext tls, String version) throws IOException {
    Reader plain = connect(port);
    SSLSocket secured =
        (SSLSocket) tls.getSocketFactory().createSocket(plain.socket, "127.0.0.1", port, true);
    secured.setEnabledProtocols(new String[] {version});
    return new Reader(secured);
  }

  /** Asks for a page, and takes nothing of it. */
  Reader ask(String path) throws IOException {
    return send("GET " + path + " HTTP/1.1\r\nHost: epp\r\n\r\n");
  }

  Reader send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(US_ASCII));
    return this;
  }

  /** All that comes until the server closes. */
  String readAll() throws IOException {
    return new String(socket.getInputStream().readAllBytes(), US_ASCII);
  }

  /** As many bytes as there are to come at least. */
  String read(int bytes) throws IOException {
    return new String(socket.getInputStream().readNBytes(bytes), US_ASCII);
  }

  /** Reads, for nothing, until the server closes in either way. */
  void awaitEnd() throws IOException {
    try {
      socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    } catch (SocketException e) {
      // reset
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
