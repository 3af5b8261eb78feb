package ai.llmd.epp.acceptance.e2e;

import ai.llmd.epp.zmtp.ZmtpAddress;
import ai.llmd.epp.zmtp.ZmtpConnection;
import ai.llmd.epp.zmtp.ZmtpPublisher;
import ai.llmd.epp.zmtp.ZmtpRole;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Events of model servers on their way to the picker: handed on, or lost, twice, out of order. */
final class SpoiltEvents implements AutoCloseable {

  private static final int MAX_MESSAGE_BYTES = 1 << 20;
  private static final int LOST_OF = 10; // messages one

  /** What becomes of messages. */
  enum Fault {
    NONE,
    LOST,
    TWICE,
    SWAPPED
  }

  private final ServerSocket server;
  private final ZmtpPublisher picker;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong spoilt = new AtomicLong();
  private final AtomicInteger subscribed = new AtomicInteger();
  private volatile Fault fault = Fault.NONE;

  /**
   * @param port that model servers publish to
   * @param pickerPort that the picker listens on, now or later
   */
  SpoiltEvents(int port, int pickerPort) throws IOException {
    this.server = new ServerSocket(port, 64, InetAddress.getLoopbackAddress());
    this.picker = ZmtpPublisher.connecting(address(pickerPort));
    Thread.ofVirtual().start(this::accept);
  }

  static ZmtpAddress address(int port) {
    return ZmtpAddress.of("tcp://127.0.0.1:" + port);
  }

  /** What becomes of messages from now on. */
  void spoil(Fault with) {
    fault = with;
  }

  /** Messages that were not just handed on. */
  long spoilt() {
    return spoilt.get();
  }

  /** Model servers that are connected and subscribed to. */
  int publishers() {
    return subscribed.get();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        open.add(socket);
        Thread.ofVirtual().start(() -> handOn(socket));
      }
    } catch (IOException closed) {
      // the end of the test
    }
  }

  private void handOn(Socket socket) {
    try (ZmtpConnection connection = ZmtpConnection.over(socket, ZmtpRole.SUB, MAX_MESSAGE_BYTES)) {
      connection.subscribe(new byte[0]);
      subscribed.incrementAndGet();
      handOnAll(connection);
    } catch (IOException gone) {
      // with its model server, or at the end of the test
    }
  }

  private void handOnAll(ZmtpConnection connection) throws IOException {
    try {
      List<byte[][]> held = new ArrayList<>();
      for (long number = 0; ; number++) {
        handOn(connection.receive(), number, held);
      }
    } finally {
      subscribed.decrementAndGet();
    }
  }

  /**
   * @param held a message that is to come behind the next one
   */
  private void handOn(byte[][] message, long number, List<byte[][]> held) {
    switch (fault) {
      case LOST -> {
        if (number % LOST_OF == 0) {
          spoilt.incrementAndGet();
          return;
        }
      }
      case TWICE -> {
        spoilt.incrementAndGet();
        picker.publish(message);
      }
      case SWAPPED -> {
        if (held.isEmpty()) {
          held.add(message);
          return;
        }
        spoilt.incrementAndGet();
      }
      case NONE -> {}
    }
    picker.publish(message);
    held.forEach(picker::publish);
    held.clear();
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : open) {
      socket.close();
    }
    picker.close();
  }
}
