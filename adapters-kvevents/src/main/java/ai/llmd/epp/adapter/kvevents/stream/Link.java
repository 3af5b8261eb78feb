package ai.llmd.epp.adapter.kvevents.stream;

import ai.llmd.epp.zmtp.ZmtpAddress;
import ai.llmd.epp.zmtp.ZmtpConnection;
import ai.llmd.epp.zmtp.ZmtpRole;
import java.io.IOException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A connection to one publisher that comes back by itself, whatever ended it: after 0.25 s at
 * first, twice that each time until 5 s, and some chance. A virtual thread of its own connects and
 * reads.
 */
final class Link implements AutoCloseable {

  private static final long FIRST_PAUSE_MILLIS = 250;
  private static final long LAST_PAUSE_MILLIS = 5_000;
  private static final long LASTING_NANOS = 5_000_000_000L;

  /** What to send first over each connection. */
  @FunctionalInterface
  interface Opening {
    void send(ZmtpConnection connection) throws IOException;
  }

  private final ZmtpAddress address;
  private final ZmtpRole type;
  private final Opening opening;
  private final Inbox inbox;
  private final LongAdder connectErrors = new LongAdder();
  private final LongAdder receiveErrors = new LongAdder();
  private final Thread thread;
  private long pause = FIRST_PAUSE_MILLIS;

  /**
   * Begins to connect.
   *
   * @param wake is called when there is something to take
   */
  Link(ZmtpAddress address, ZmtpRole type, Opening opening, Runnable wake) {
    this.address = address;
    this.type = type;
    this.opening = opening;
    this.inbox = new Inbox(wake);
    this.thread = Thread.ofVirtual().name("kv-events " + address).start(this::run);
  }

  /** Attempts to connect that failed, the handshake included. Any thread. */
  long connectErrors() {
    return connectErrors.sum();
  }

  /** Connections that ended. Any thread. */
  long receiveErrors() {
    return receiveErrors.sum();
  }

  /** What waits to be taken. Any thread. */
  int waiting() {
    return inbox.size();
  }

  /** What came next; null for nothing yet. */
  @Nullable Received poll() {
    return inbox.poll();
  }

  private void run() {
    try {
      while (true) {
        connectAndRead();
        Thread.sleep(pause + ThreadLocalRandom.current().nextLong(pause / 4));
        pause = Math.min(2 * pause, LAST_PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  private void connectAndRead() throws InterruptedException {
    long connectedAt = 0;
    boolean isConnected = false;
    try (ZmtpConnection connection =
        ZmtpConnection.open(
            address, type, KvEventSubscriber.MAX_MESSAGE_BYTES, KvEventSubscriber.LARGE_MESSAGES)) {
      opening.send(connection);
      inbox.put(Received.CONNECTED);
      isConnected = true;
      connectedAt = System.nanoTime();
      while (true) {
        inbox.put(Received.message(connection.receive()));
        pause = FIRST_PAUSE_MILLIS;
      }
    } catch (IOException e) {
      (isConnected ? receiveErrors : connectErrors).increment();
      if (isConnected) {
        pause = System.nanoTime() - connectedAt > LASTING_NANOS ? FIRST_PAUSE_MILLIS : pause;
        inbox.put(Received.LOST);
      }
    }
  }

  @Override
  public void close() {
    thread.interrupt(); // which closes the connection, too
  }
}
