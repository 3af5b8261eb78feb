package ai.llmd.epp.adapter.kvevents.stream;

import ai.llmd.epp.zmtp.ZmtpAddress;
import ai.llmd.epp.zmtp.ZmtpConnection;
import ai.llmd.epp.zmtp.ZmtpRole;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Where publishers connect to, at most 1024 at a time. Each has a virtual thread; all share one
 * inbox.
 */
final class BoundSocket implements AutoCloseable {

  private static final int MAX_CONNECTIONS = 1024;
  private static final int BACKLOG = 128;
  private static final long PAUSE_MILLIS = 100;

  private final byte[] topicFilter;
  private final Inbox inbox;
  private final ServerSocket server;
  private final String address;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  /**
   * @param wake is called when there is something to take
   * @throws IOException if the address cannot be used
   */
  BoundSocket(ZmtpAddress address, byte[] topicFilter, Runnable wake) throws IOException {
    this.topicFilter = topicFilter;
    this.inbox = new Inbox(wake);
    this.server = new ServerSocket();
    try {
      server.bind(address.resolved(), BACKLOG);
    } catch (IOException e) {
      server.close();
      throw e;
    }
    this.address = address.withPort(server.getLocalPort()).toString();
  }

  void start() {
    Thread.ofVirtual().name("kv-events " + address).start(this::accept);
  }

  /** With the port that was chosen. */
  String address() {
    return address;
  }

  int waiting() {
    return inbox.size();
  }

  /** What came next; null for nothing yet. */
  @Nullable Received poll() {
    return inbox.poll();
  }

  private void accept() {
    try {
      while (!server.isClosed()) {
        acceptOne();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void acceptOne() throws InterruptedException {
    try {
      Socket socket = server.accept();
      if (open.size() >= MAX_CONNECTIONS) {
        socket.close();
        return;
      }
      open.add(socket);
      Thread.ofVirtual().name("kv-events " + socket.getPort()).start(() -> read(socket));
    } catch (IOException e) {
      Thread.sleep(PAUSE_MILLIS); // closed, or too many files are open
    }
  }

  private void read(Socket socket) {
    try (ZmtpConnection connection =
        ZmtpConnection.over(socket, ZmtpRole.SUB, KvEventSubscriber.MAX_MESSAGE_BYTES)) {
      connection.subscribe(topicFilter);
      while (!server.isClosed()) {
        inbox.put(Received.message(connection.receive()));
      }
    } catch (IOException e) {
      // the publisher is gone, or was none; it connects again
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(socket);
    }
  }

  @Override
  public void close() {
    closeQuietly(server);
    open.forEach(BoundSocket::closeQuietly);
    while (inbox.poll() != null) {
      // whoever waits for room ends
    }
  }

  private static void closeQuietly(AutoCloseable closed) {
    try {
      closed.close();
    } catch (Exception e) {
      // it is of no use any more
    }
  }
}
