package ai.llmd.epp.acceptance.attack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Connections to the admin port that ask for pages, again and again, and read nothing. */
final class SleepingReaders implements AutoCloseable {

  private static final int FEW_BYTES = 4096;

  private final List<Socket> sockets = new ArrayList<>();

  /**
   * Opens connections.
   *
   * @param paths asked for in turn
   * @param requests sent on each connection
   */
  SleepingReaders open(int port, int connections, int requests, List<String> paths)
      throws IOException {
    for (int i = 0; i < connections; i++) {
      Socket socket = new Socket();
      sockets.add(socket);
      socket.setReceiveBufferSize(FEW_BYTES);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      ask(socket, ("GET " + paths.get(i % paths.size()) + " HTTP/1.1\r\n\r\n").repeat(requests));
    }
    return this;
  }

  private static void ask(Socket socket, String text) {
    try {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      // closed before: another one came
    }
  }

  @Override
  public void close() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
