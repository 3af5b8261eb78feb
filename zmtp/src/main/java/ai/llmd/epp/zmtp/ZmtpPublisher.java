package ai.llmd.epp.zmtp;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Publishes to whoever subscribes: at an address where subscribers connect to, or to one that is
 * connected to, again and again.
 *
 * <p>What a subscriber cannot take in time is left out for it: 1,000 messages wait for each. At
 * most 256 subscribers. Any thread.
 */
public final class ZmtpPublisher implements AutoCloseable {

  private static final int MAX_PEERS = 256;
  private static final int MAX_WAITING = 1_000;
  private static final int MAX_SUBSCRIPTION_BYTES = 4096;
  private static final int MAX_SUBSCRIPTIONS = 64;
  private static final int BACKLOG = 64;
  private static final long PAUSE_MILLIS = 250;

  private final Set<Peer> peers = ConcurrentHashMap.newKeySet();
  private final @Nullable ServerSocket server;
  private final ZmtpAddress address;
  private final Thread thread;
  private volatile boolean isClosed;

  private ZmtpPublisher(@Nullable ServerSocket server, ZmtpAddress address) {
    this.server = server;
    this.address = address;
    this.thread =
        Thread.ofVirtual()
            .name("publish " + address)
            .start(server == null ? this::connect : () -> accept(server));
  }

  /**
   * Lets subscribers connect.
   *
   * @throws IOException if the address cannot be used
   */
  public static ZmtpPublisher bound(ZmtpAddress address) throws IOException {
    ServerSocket server = address.bound(BACKLOG);
    return new ZmtpPublisher(server, address.withPort(server.getLocalPort()));
  }

  /** Connects to a subscriber, now and whenever the connection ended. */
  public static ZmtpPublisher connecting(ZmtpAddress address) {
    return new ZmtpPublisher(null, address);
  }

  /** With the port that was chosen. */
  public ZmtpAddress address() {
    return address;
  }

  /** Subscribers now, whatever they subscribed to. */
  public int subscribers() {
    return peers.size();
  }

  /**
   * Sends a message to those who subscribed to the beginning of its first frame. Never waits.
   *
   * @param frames at least one; not changed afterwards
   */
  public void publish(byte[]... frames) {
    for (Peer peer : peers) {
      peer.offer(frames);
    }
  }

  private void accept(ServerSocket from) {
    while (!isClosed) {
      try {
        Socket socket = from.accept();
        if (peers.size() >= MAX_PEERS) {
          socket.close();
        } else {
          Thread.ofVirtual().name("publish " + address).start(() -> serve(socket));
        }
      } catch (IOException e) {
        if (!isClosed && !hasPaused()) {
          return;
        }
      }
    }
  }

  private void serve(Socket socket) {
    try {
      converse(ZmtpConnection.over(socket, ZmtpRole.PUB, MAX_SUBSCRIPTION_BYTES));
    } catch (IOException e) {
      // it is no subscriber, or gone
    }
  }

  private void connect() {
    do {
      try {
        converse(ZmtpConnection.open(address, ZmtpRole.PUB, MAX_SUBSCRIPTION_BYTES));
      } catch (IOException e) {
        // once more
      }
    } while (!isClosed && hasPaused());
  }

  private static boolean hasPaused() {
    try {
      Thread.sleep(PAUSE_MILLIS);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void converse(ZmtpConnection connection) throws IOException {
    Peer peer = new Peer(connection);
    peers.add(peer);
    Thread writer = Thread.ofVirtual().name("publish " + address).start(peer::write);
    try (connection) {
      while (!isClosed) {
        peer.subscribes(connection.receive());
      }
    } finally {
      peers.remove(peer);
      writer.interrupt();
    }
  }

  @Override
  public void close() {
    isClosed = true;
    thread.interrupt();
    try {
      if (server != null) {
        server.close();
      }
    } catch (IOException e) {
      // it is of no use any more
    }
    peers.forEach(Peer::close);
  }

  /** One subscriber. */
  private static final class Peer {

    private final ZmtpConnection connection;
    private final CopyOnWriteArrayList<byte[]> topics = new CopyOnWriteArrayList<>();
    private final BlockingQueue<byte[][]> waiting = new ArrayBlockingQueue<>(MAX_WAITING);

    Peer(ZmtpConnection connection) {
      this.connection = connection;
    }

    /** A first byte of 1 subscribes, of 0 ends a subscription; what else it sends is ignored. */
    void subscribes(byte[][] message) {
      byte[] first = message[0];
      if (message.length != 1 || first.length == 0) {
        return;
      }
      byte[] topic = Arrays.copyOfRange(first, 1, first.length);
      if (first[0] == 1 && topics.size() < MAX_SUBSCRIPTIONS) {
        topics.add(topic);
      } else if (first[0] == 0) {
        topics.stream()
            .filter(each -> Arrays.equals(each, topic))
            .findFirst()
            .ifPresent(topics::remove);
      }
    }

    @SuppressWarnings("unused") // a message that finds no room is left out
    void offer(byte[][] message) {
      for (byte[] topic : topics) {
        if (beginsWith(message[0], topic)) {
          boolean isTaken = waiting.offer(message);
          return;
        }
      }
    }

    private static boolean beginsWith(byte[] text, byte[] beginning) {
      return text.length >= beginning.length
          && Arrays.equals(text, 0, beginning.length, beginning, 0, beginning.length);
    }

    void write() {
      try {
        while (true) {
          connection.send(waiting.take());
        }
      } catch (IOException e) {
        close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    void close() {
      try {
        connection.close();
      } catch (IOException e) {
        // it is of no use any more
      }
    }
  }
}
