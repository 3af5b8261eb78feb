package ai.llmd.epp.zmtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a read ignores interrupts
class LargeMessagesTest {

  private static final int MAX_BYTES = 1 << 20;
  private static final byte MORE = 1;
  private static final byte LONG = 2;
  private static final byte[] SMALL = new byte[LargeMessages.FREE_BYTES];
  private static final byte[] LARGE = new byte[LargeMessages.FREE_BYTES + 1];

  private final LargeMessages oneAtATime = new LargeMessages(1, Duration.ofMinutes(1));

  /** A publisher's end of a socket that writes what it likes, and the end that receives. */
  private record Pair(Socket publisher, ZmtpConnection receiver) implements AutoCloseable {

    static Pair connected(LargeMessages large) throws Exception {
      try (var listening = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
          ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        var publisher = new Socket(listening.getInetAddress(), listening.getLocalPort());
        Socket accepted = listening.accept();
        Future<ZmtpConnection> receiver =
            threads.submit(() -> ZmtpConnection.over(accepted, ZmtpRole.SUB, MAX_BYTES, large));
        ZmtpConnection.over(publisher, ZmtpRole.PUB, MAX_BYTES);
        return new Pair(publisher, receiver.get());
      }
    }

    /** So many bytes of a message. */
    void write(byte[] message, int bytes) throws IOException {
      write(LONG, message, bytes);
    }

    /** And keeps it. */
    void takeTurn() throws IOException {
      write(LARGE, LARGE.length);
      assertThat(receive().join()).isDeepEqualTo(new byte[][] {LARGE});
    }

    void writePart(byte[] part) throws IOException {
      write((byte) (LONG | MORE), part, part.length);
    }

    private void write(byte flags, byte[] body, int bytes) throws IOException {
      var header = ByteBuffer.allocate(1 + Long.BYTES).put(flags).putLong(body.length);
      publisher.getOutputStream().write(header.array());
      publisher.getOutputStream().write(body, 0, bytes);
    }

    CompletableFuture<byte[][]> receive() {
      var received = new CompletableFuture<byte[][]>();
      Thread.startVirtualThread(
          () -> {
            try {
              received.complete(receiver.receive());
            } catch (IOException e) {
              received.completeExceptionally(e);
            }
          });
      return received;
    }

    @Override
    public void close() throws IOException {
      publisher.close();
      receiver.close();
    }
  }

  @Test
  void oneWaitsUntilTheNextMessageIsAskedForWhereTheOtherCame() throws Exception {
    try (Pair first = Pair.connected(oneAtATime);
        Pair second = Pair.connected(oneAtATime)) {
      first.takeTurn();
      second.write(SMALL, SMALL.length);
      assertThat(second.receive().join()).isDeepEqualTo(new byte[][] {SMALL});

      second.write(LARGE, LARGE.length);
      CompletableFuture<byte[][]> waits = second.receive();
      await().until(() -> oneAtATime.waiting() == 1);
      assertThat(waits).isNotDone();

      CompletableFuture<byte[][]> next = first.receive();
      assertThat(waits.join()).isDeepEqualTo(new byte[][] {LARGE});
      assertThat(next).isNotDone();
    }
  }

  @Test
  void partsOfAMessageCountTogether() throws Exception {
    try (Pair first = Pair.connected(oneAtATime);
        Pair second = Pair.connected(oneAtATime)) {
      first.takeTurn();
      second.writePart(SMALL);
      second.write(SMALL, SMALL.length);
      CompletableFuture<byte[][]> waits = second.receive();
      await().until(() -> oneAtATime.waiting() == 1);

      first.close();
      assertThat(waits.join()).isDeepEqualTo(new byte[][] {SMALL, SMALL});
    }
  }

  @Test
  void whoDoesNotGoOnLosesItsConnection() throws Exception {
    try (Pair pair = Pair.connected(new LargeMessages(1, Duration.ofMillis(10)))) {
      pair.write(LARGE, 1);
      assertThatThrownBy(() -> pair.receiver.receive()).isInstanceOf(SocketTimeoutException.class);
    }
  }

  @Test
  void whoIsInterruptedWhileItWaitsEnds() throws Exception {
    try (Pair first = Pair.connected(oneAtATime);
        Pair second = Pair.connected(oneAtATime)) {
      first.takeTurn();
      second.write(LARGE, LARGE.length);
      var ended = new CompletableFuture<Throwable>();
      Thread waits =
          Thread.startVirtualThread(
              () -> ended.complete(catchThrowable(() -> second.receiver.receive())));
      await().until(() -> oneAtATime.waiting() == 1);

      waits.interrupt();
      assertThat(ended.join()).isInstanceOf(InterruptedIOException.class);
    }
  }
}
