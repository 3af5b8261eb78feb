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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where publishers connect to, so many at a time; further ones are closed, counted, and logged once
 * a minute. Each has a virtual thread; all share one inbox. An address that is in use is taken when
 * it is free: after a change of the configuration the former socket goes last.
 */
final class BoundSocket implements AutoCloseable {

  /**
   * One for each MiB of heap: each may hold an eighth of that before it needs a turn for a large
   * message.
   */
  static final int MAX_CONNECTIONS = (int) Math.min(1024, Runtime.getRuntime().maxMemory() >> 20);

  /** Their own, as whoever connects may keep its turn for as long as that may take. */
  private static final LargeMessages LARGE_MESSAGES = KvEventSubscriber.largeMessages(32, 1);

  private static final int BACKLOG = 128;
  private static final long PAUSE_MILLIS = 100;
  private static final long BETWEEN_WARNINGS_NANOS = TimeUnit.MINUTES.toNanos(1);

  private static final Logger log = LoggerFactory.getLogger(BoundSocket.class);

  private final ZmtpAddress wanted;
  private final byte[] topicFilter;
  private final int maxConnections;
  private final Inbox inbox;
  private final String address;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final LongAdder refused = new LongAdder();
  private long unreported; // of the refused; both belong to the thread that accepts
  private long nextWarningAt = System.nanoTime();
  private volatile @Nullable ServerSocket server; // null until the address is free
  private volatile boolean isClosed;

  /**
   * @param maxConnections at a time
   * @param wake is called when there is something to take
   * @throws IOException if the address cannot be used
   */
  BoundSocket(ZmtpAddress address, byte[] topicFilter, int maxConnections, Runnable wake)
      throws IOException {
    this.wanted = address;
    this.topicFilter = topicFilter;
    this.maxConnections = maxConnections;
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

  /** Connections that were closed since there were as many as may be. Any thread. */
  long refused() {
    return refused.sum();
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
      if (open.size() >= maxConnections) {
        noteRefusal();
        socket.close();
        return;
      }
      open.add(socket);
      Thread.ofVirtual().name("kv-events " + socket.getPort()).start(() -> read(socket));
    } catch (IOException e) {
      Thread.sleep(PAUSE_MILLIS); // closed, or too many files are open
    }
  }

  private void noteRefusal() {
    refused.increment();
    unreported++;
    long now = System.nanoTime();
    if (now - nextWarningAt >= 0) {
      log.warn(
          "KV events: {} connections to {} were closed, {} are open and more do not fit the heap",
          unreported,
          address,
          maxConnections);
      unreported = 0;
      nextWarningAt = now + BETWEEN_WARNINGS_NANOS;
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
