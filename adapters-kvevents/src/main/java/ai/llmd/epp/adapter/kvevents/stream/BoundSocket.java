package ai.llmd.epp.adapter.kvevents.stream;

import ai.llmd.epp.zmtp.LargeMessages;
import ai.llmd.epp.zmtp.ZmtpAddress;
import ai.llmd.epp.zmtp.ZmtpConnection;
import ai.llmd.epp.zmtp.ZmtpRole;
import java.io.IOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where publishers connect to, at most 1024 at a time and one for each MiB of heap. Each has a
 * virtual thread; all share one inbox. An address that is in use is taken when it is free: after a
 * change of the configuration the former socket goes last.
 */
final class BoundSocket implements AutoCloseable {

  /** Each may hold an eighth of a mebibyte before it needs a turn for a large message. */
  private static final int MAX_CONNECTIONS =
      (int) Math.min(1024, Runtime.getRuntime().maxMemory() >> 20);

  /** Their own, as whoever connects may keep its turn for as long as that may take. */
  private static final LargeMessages LARGE_MESSAGES = KvEventSubscriber.largeMessages(32, 1);

  private static final int BACKLOG = 128;
  private static final long PAUSE_MILLIS = 100;

  private static final Logger log = LoggerFactory.getLogger(BoundSocket.class);

  private final ZmtpAddress wanted;
  private final byte[] topicFilter;
  private final Inbox inbox;
  private final String address;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile @Nullable ServerSocket server; // null until the address is free
  private volatile boolean isClosed;

  /**
   * @param wake is called when there is something to take
   * @throws IOException if the address cannot be used
   */
  BoundSocket(ZmtpAddress address, byte[] topicFilter, Runnable wake) throws IOException {
    this.wanted = address;
    this.topicFilter = topicFilter;
    this.inbox = new Inbox(wake);
    ServerSocket bound = null;
    try {
      bound = address.bound(BACKLOG);
    } catch (BindException e) {
      log.warn("KV events: {} is not free yet, trying again", address);
    }
    this.server = bound;
    this.address = bound == null ? address.toString() : at(bound);
  }

  private String at(ServerSocket bound) {
    return wanted.withPort(bound.getLocalPort()).toString();
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
      while (!isClosed) {
        ServerSocket bound = server;
        if (bound == null) {
          bindWhenFree();
        } else {
          acceptOne(bound);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void bindWhenFree() throws InterruptedException {
    try {
      ServerSocket bound = wanted.bound(BACKLOG);
      server = bound;
      if (isClosed) {
        closeQuietly(bound);
      }
      log.info("KV events: {} is bound", address);
    } catch (IOException e) {
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  private void acceptOne(ServerSocket from) throws InterruptedException {
    try {
      Socket socket = from.accept();
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
        ZmtpConnection.over(
            socket, ZmtpRole.SUB, KvEventSubscriber.MAX_MESSAGE_BYTES, LARGE_MESSAGES)) {
      connection.subscribe(topicFilter);
      while (!isClosed) {
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
    isClosed = true;
    ServerSocket bound = server;
    if (bound != null) {
      closeQuietly(bound);
    }
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
