package ai.llmd.epp.adapter.kvevents.stream;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/*
 * The library connects again by itself when a connection is refused or lost, but not after bytes that are no ZeroMQ, nor after
 * a message that is too long: then a socket is given up, and another takes its place.
 */
/** A socket that is connected to one publisher. Belongs to the subscriber's thread. */
final class Connection {

  private static final long FIRST_PAUSE_NANOS = 250_000_000L;
  private static final long LAST_PAUSE_NANOS = 5_000_000_000L;

  private final ZContext context;
  private final Supplier<ZMQ.Socket> sockets;
  private final String address;
  private final String monitorAddress;
  private ZMQ.Socket socket;
  private ZMQ.Socket monitor;
  private int opened;
  private int connected;
  private boolean isConnected;
  private boolean isLost;
  private long lostAt;
  private long pause = FIRST_PAUSE_NANOS;

  /**
   * @param sockets makes one that is not connected yet
   * @param name of this connection, among all of the context
   */
  Connection(ZContext context, Supplier<ZMQ.Socket> sockets, String address, String name) {
    this.context = context;
    this.sockets = sockets;
    this.address = address;
    this.monitorAddress = "inproc://" + name + "-";
    this.socket = sockets.get();
    this.monitor = watched();
  }

  private ZMQ.Socket watched() {
    String events = monitorAddress + opened++;
    socket.monitor(
        events,
        ZMQ.EVENT_CONNECTED
            | ZMQ.EVENT_DISCONNECTED
            | ZMQ.EVENT_CLOSED
            | ZMQ.EVENT_CONNECT_DELAYED
            | ZMQ.EVENT_CONNECT_RETRIED);
    ZMQ.Socket watching = context.createSocket(SocketType.PAIR);
    watching.setLinger(0);
    watching.connect(events);
    socket.connect(address);
    return watching;
  }

  ZMQ.Socket socket() {
    return socket;
  }

  /** Times that there was a connection. */
  int connected() {
    return connected;
  }

  /** Whether there is one, as far as was noticed. */
  boolean isConnected() {
    return isConnected;
  }

  /** Notes that the publisher is one. */
  void works() {
    pause = FIRST_PAUSE_NANOS;
  }

  /** Whether the socket will never be connected again, and has waited long enough for another. */
  boolean isGivenUp(long now) {
    for (ZMQ.Event event = next(); event != null; event = next()) {
      switch (event.getEvent()) {
        case ZMQ.EVENT_DISCONNECTED, ZMQ.EVENT_CLOSED -> {
          lostAt = isLost ? lostAt : now;
          isLost = true;
          isConnected = false;
        }
        case ZMQ.EVENT_CONNECTED -> {
          connected++;
          isConnected = true;
          isLost = false;
        }
        default -> isLost = false; // it tries again
      }
    }
    return isLost && now - lostAt >= pause;
  }

  private ZMQ.@Nullable Event next() {
    return ZMQ.Event.recv(monitor, ZMQ.DONTWAIT);
  }

  /** Takes another socket. */
  void reopen() {
    close();
    pause = Math.min(2 * pause, LAST_PAUSE_NANOS);
    isLost = false;
    isConnected = false;
    socket = sockets.get();
    monitor = watched();
  }

  void close() {
    socket.close();
    monitor.close();
  }
}
