package ai.llmd.epp.adapter.state.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/** A slow network: passes bytes on to a port of the loopback, answers only after a delay. */
public final class DelayingProxy implements AutoCloseable {

  private final ServerSocket listener;
  private final int target;
  private final long delayNanos;
  private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();

  /**
   * @param target port of the loopback
   * @param delayMillis added to every answer
   */
  public DelayingProxy(int target, long delayMillis) throws IOException {
    this.target = target;
    this.delayNanos = delayMillis * 1_000_000;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  /** Where it listens. */
  public int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    try {
      while (!listener.isClosed()) {
        Socket client = listener.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        sockets.add(client);
        sockets.add(server);
        Thread.ofVirtual().start(() -> pass(client, server, 0));
        Thread.ofVirtual().start(() -> pass(server, client, delayNanos));
      }
    } catch (IOException e) {
      // closed, or the target is gone: who waits sees the end of the connection
    }
  }

  private static void pass(Socket from, Socket to, long delayNanos) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] bytes = new byte[65536];
      for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
        if (delayNanos > 0) {
          LockSupport.parkNanos(delayNanos);
        }
        out.write(bytes, 0, count);
      }
    } catch (IOException e) {
      // one side is gone; closing both lets the other know
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
