package ai.llmd.epp.zmtp;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Answers questions, each with any number of messages. At most 64 peers, each of which waits for
 * the answers to one question before its next is read. Any thread.
 */
public final class ZmtpReplier implements AutoCloseable {

  private static final int MAX_PEERS = 64;
  private static final int MAX_QUESTION_BYTES = 4096;
  private static final int BACKLOG = 64;
  private static final long PAUSE_MILLIS = 250;

  private final Function<byte[][], List<byte[][]>> answers;
  private final ServerSocket server;
  private final ZmtpAddress address;
  private final Set<Socket> peers = ConcurrentHashMap.newKeySet();

  /**
   * Lets peers connect.
   *
   * @param answers to a question, without the empty frame before it, which both have if the
   *     question has; called by several threads
   * @throws IOException if the address cannot be used
   */
  public ZmtpReplier(ZmtpAddress address, Function<byte[][], List<byte[][]>> answers)
      throws IOException {
    this.answers = answers;
    this.server = address.bound(BACKLOG);
    this.address = address.withPort(server.getLocalPort());
    Thread.ofVirtual().name("reply " + this.address).start(this::accept);
  }

  /** With the port that was chosen. */
  public ZmtpAddress address() {
    return address;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        if (peers.size() >= MAX_PEERS) {
          socket.close();
        } else {
          peers.add(socket);
          Thread.ofVirtual().name("reply " + address).start(() -> serve(socket));
        }
      } catch (IOException e) {
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS); // closed, or too many files are open
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve(Socket socket) {
    try (ZmtpConnection connection =
        ZmtpConnection.over(socket, ZmtpRole.ROUTER, MAX_QUESTION_BYTES)) {
      while (!server.isClosed()) {
        answer(connection, connection.receive());
      }
    } catch (IOException e) {
      // the peer is gone, or was none
    } finally {
      peers.remove(socket);
    }
  }

  private void answer(ZmtpConnection connection, byte[][] asked) throws IOException {
    boolean isEnveloped = asked.length > 1 && asked[0].length == 0;
    byte[][] question = isEnveloped ? Arrays.copyOfRange(asked, 1, asked.length) : asked;
    for (byte[][] answer : answers.apply(question)) {
      connection.send(isEnveloped ? enveloped(answer) : answer);
    }
  }

  private static byte[][] enveloped(byte[][] answer) {
    byte[][] frames = new byte[answer.length + 1][];
    frames[0] = new byte[0];
    System.arraycopy(answer, 0, frames, 1, answer.length);
    return frames;
  }

  @Override
  public void close() {
    close(server);
    peers.forEach(ZmtpReplier::close);
  }

  private static void close(AutoCloseable closed) {
    try {
      closed.close();
    } catch (Exception e) {
      // it is of no use any more
    }
  }
}
