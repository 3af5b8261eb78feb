package ai.llmd.epp.acceptance.cases;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A port that leads to a server on this machine, until the wire is cut. */
final class CutWire implements AutoCloseable {

  private static final int BACKLOG = 64;

  private final int server;
  private final int port;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile ServerSocket entrance;

  private CutWire(int server) throws IOException {
    this.server = server;
    this.entrance = listen(0);
    this.port = entrance.getLocalPort();
  }

  /** Leads to a port. */
  static CutWire to(int server) {
    try {
      return new CutWire(server);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return port;
  }

  /** Ends all connections; further ones are refused, as by a firewall. */
  void cut() {
    try {
      entrance.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    sockets.forEach(CutWire::reset);
  }

  /** Leads to the server again. */
  void mend() {
    try {
      entrance = listen(port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ServerSocket listen(int at) throws IOException {
    ServerSocket opened = new ServerSocket();
    opened.setReuseAddress(true);
    opened.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), at), BACKLOG);
    Thread.ofVirtual().start(() -> accept(opened));
    return opened;
  }

  private void accept(ServerSocket from) {
    while (!from.isClosed()) {
      try {
        connect(from, from.accept());
      } catch (IOException e) {
        // cut, or one guest fewer
      }
    }
  }

  private void connect(ServerSocket from, Socket guest) throws IOException {
    sockets.add(guest);
    Socket host = new Socket(InetAddress.getLoopbackAddress(), server);
    sockets.add(host);
    if (from.isClosed()) { // cut meanwhile
      reset(guest);
      reset(host);
    }
    Thread.ofVirtual().start(() -> carry(guest, host));
    Thread.ofVirtual().start(() -> carry(host, guest));
  }

  private void carry(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // either end has left
    } finally {
      sockets.remove(from);
      sockets.remove(to);
    }
  }

  private static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      // closed already
    }
  }

  @Override
  public void close() {
    cut();
  }
}
