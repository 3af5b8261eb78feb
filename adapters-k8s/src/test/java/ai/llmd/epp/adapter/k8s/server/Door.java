package ai.llmd.epp.adapter.k8s.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A TCP port before another one, that can be shut, or swallow what is sent. */
final class Door implements AutoCloseable {

  private final ServerSocket entrance;
  private final int behind;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean isShut;
  private volatile boolean swallows;

  Door(int behind) throws IOException {
    this.behind = behind;
    this.entrance = new ServerSocket(0, 512, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::welcome);
  }

  int port() {
    return entrance.getLocalPort();
  }

  /** Ends every connection, and each new one at once. */
  void shut() {
    isShut = true;
    breakConnections();
  }

  /** Lets connections in again. */
  void open() {
    swallows = false;
    isShut = false;
  }

  /** From now on nothing gets through in either direction, and no end is closed. */
  void swallow() {
    swallows = true;
  }

  void breakConnections() {
    sockets.forEach(this::closeQuietly);
  }

  private void welcome() {
    while (!entrance.isClosed()) {
      try {
        Socket guest = entrance.accept();
        if (isShut) {
          closeQuietly(guest);
        } else {
          Thread.ofVirtual().start(() -> lead(guest));
        }
      } catch (IOException e) {
        // closed, or one guest fewer
      }
    }
  }

  private void lead(Socket guest) {
    try {
      Socket host = new Socket(InetAddress.getLoopbackAddress(), behind);
      sockets.add(guest);
      sockets.add(host);
      if (isShut) {
        breakConnections();
      }
      Thread.ofVirtual().start(() -> carry(guest, host));
      carry(host, guest);
    } catch (IOException e) {
      closeQuietly(guest);
    }
  }

  private void carry(Socket from, Socket to) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[16_384];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        if (!swallows) {
          out.write(buffer, 0, count);
        }
      }
    } catch (IOException e) {
      // either side has left
    } finally {
      sockets.remove(from);
      sockets.remove(to);
    }
  }

  private void closeQuietly(Socket socket) {
    try {
      if (socket.getLocalPort() == port()) {
        socket.setSoLinger(true, 0); // guests get a reset, as from a machine that is gone
      }
      socket.close();
    } catch (IOException e) {
      // closed already
    }
  }

  @Override
  public void close() {
    try {
      entrance.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    breakConnections();
  }
}
