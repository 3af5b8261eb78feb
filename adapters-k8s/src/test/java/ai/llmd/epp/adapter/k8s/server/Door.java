package ai.llmd.epp.adapter.k8s.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A TCP port before another one, that can be shut, or swallow what is sent. */
final class Door implements AutoCloseable {

  private final ServerSocket entrance;
  private final int behind;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean isShut;
  private volatile boolean swallows;
  private final Set<Socket> watches = ConcurrentHashMap.newKeySet();
  private final Set<Socket> frozen = ConcurrentHashMap.newKeySet();
  private volatile @Nullable SSLContext identity;

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

  /** From now on nothing gets through the web sockets that are open now. */
  void freezeWatches() {
    frozen.addAll(watches);
  }

  void encrypt(SSLContext shown) {
    identity = shown;
  }

  boolean isEncrypted() {
    return identity != null;
  }

  private Socket greeted(Socket guest) throws IOException {
    SSLContext shown = identity;
    if (shown == null) {
      return guest;
    }
    SSLSocket encrypted =
        (SSLSocket)
            shown
                .getSocketFactory()
                .createSocket(guest, null, guest.getPort(), true /* and closes it */);
    encrypted.setUseClientMode(false);
    return encrypted;
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

  private void lead(Socket arrived) {
    Socket guest = arrived;
    try {
      guest = greeted(arrived);
      Socket host = new Socket(InetAddress.getLoopbackAddress(), behind);
      sockets.add(guest);
      sockets.add(host);
      if (isShut) {
        breakConnections();
      }
      Socket entered = guest;
      Thread.ofVirtual().start(() -> carry(entered, host));
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
        if (isHandshake(buffer, count)) {
          watches.add(from);
          watches.add(to);
        }
        if (!swallows && !frozen.contains(from)) {
          out.write(buffer, 0, count);
        }
      }
    } catch (IOException e) {
      // either side has left
    } finally {
      sockets.remove(from);
      sockets.remove(to);
      watches.remove(from);
      watches.remove(to);
    }
  }

  private static boolean isHandshake(byte[] sent, int count) {
    return count > 0
        && sent[0] == 'G'
        && new String(sent, 0, count, StandardCharsets.ISO_8859_1)
            .toLowerCase(Locale.ROOT)
            .contains("upgrade: websocket");
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
