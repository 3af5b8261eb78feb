package ai.llmd.epp.zmtp;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** Talks to an implementation that is not ours. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a read ignores interrupts
class ZmtpConnectionTest {

  private static final int MAX_BYTES = 1 << 20;
  private static final int SILENCE_MILLIS = 5_000;
  private static final int MAX_ATTEMPTS = 5;

  private final ZContext context = new ZContext();
  private ServerSocket server;

  @BeforeEach
  void listen() throws Exception {
    server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void close() throws Exception {
    server.close();
    context.close();
  }

  @Test
  void receivesFromAPublisherWhatItSubscribedTo() throws Exception {
    ZMQ.Socket publisher = context.createSocket(SocketType.XPUB);
    publisher.bind("tcp://127.0.0.1:*");
    byte[] large = new byte[70_000];
    Arrays.fill(large, (byte) 7);
    try (ZmtpConnection connection = connect(publisher, ZmtpRole.SUB)) {
      connection.subscribe("kv@".getBytes(US_ASCII));
      assertThat(publisher.recv()).isEqualTo("\1kv@".getBytes(US_ASCII));
      publisher.send("other");
      publisher.send("kv@x", ZMQ.SNDMORE);
      publisher.send(new byte[0], ZMQ.SNDMORE);
      publisher.send(large);
      publisher.send("kv@y");
      assertThat(connection.receive())
          .isDeepEqualTo(new byte[][] {"kv@x".getBytes(US_ASCII), {}, large});
      assertThat(connection.receive()).isDeepEqualTo(new byte[][] {"kv@y".getBytes(US_ASCII)});
    }
  }

  @Test
  void asksARouterAndReceivesItsAnswers() throws Exception {
    ZMQ.Socket router = context.createSocket(SocketType.ROUTER);
    router.bind("tcp://127.0.0.1:*");
    try (ZmtpConnection connection = connect(router, ZmtpRole.DEALER)) {
      connection.send(new byte[0], "question".getBytes(US_ASCII));
      byte[] identity = router.recv();
      assertThat(router.recv()).isEmpty();
      assertThat(router.recvStr()).isEqualTo("question");
      router.send(identity, ZMQ.SNDMORE);
      router.send(new byte[0], ZMQ.SNDMORE);
      router.send("answer");
      assertThat(connection.receive())
          .isDeepEqualTo(new byte[][] {{}, "answer".getBytes(US_ASCII)});
    }
  }

  @Test
  void publishesToASubscriber() throws Exception {
    withPeer(
        SocketType.SUB,
        (subscriber, listening) -> {
          subscriber.subscribe("a");
          subscriber.connect(addressOf(listening));
          try (ZmtpConnection connection = accept(listening, ZmtpRole.PUB)) {
            assertThat(connection.receive()).isDeepEqualTo(new byte[][] {"\1a".getBytes(US_ASCII)});
            connection.send("ab".getBytes(US_ASCII), new byte[300]);
            assertThat(subscriber.recvStr()).isEqualTo("ab");
            assertThat(subscriber.recv()).hasSize(300);
            subscriber.unsubscribe("a");
            assertThat(connection.receive()).isDeepEqualTo(new byte[][] {"\0a".getBytes(US_ASCII)});
          }
        });
  }

  @Test
  void answersAnAsker() throws Exception {
    withPeer(
        SocketType.REQ,
        (asker, listening) -> {
          asker.connect(addressOf(listening));
          asker.send("question");
          try (ZmtpConnection connection = accept(listening, ZmtpRole.ROUTER)) {
            assertThat(connection.receive())
                .isDeepEqualTo(new byte[][] {{}, "question".getBytes(US_ASCII)});
            connection.send(new byte[0], "answer".getBytes(US_ASCII));
            assertThat(asker.recvStr()).isEqualTo("answer");
          }
        });
  }

  @Test
  void answersHeartbeats() throws Exception {
    ZMQ.Socket publisher = context.createSocket(SocketType.XPUB);
    publisher.setHeartbeatIvl(20);
    publisher.setHeartbeatTimeout(1000);
    publisher.bind("tcp://127.0.0.1:*");
    try (ZmtpConnection connection = connect(publisher, ZmtpRole.SUB)) {
      connection.subscribe(new byte[0]);
      publisher.recv();
      publisher.send("now");
      assertThat(connection.receive()).isDeepEqualTo(new byte[][] {"now".getBytes(US_ASCII)});
    }
  }

  @Test
  void refusesAPeerThatItCannotTalkTo() throws Exception {
    ZMQ.Socket router = context.createSocket(SocketType.ROUTER);
    router.bind("tcp://127.0.0.1:*");
    assertThatThrownBy(() -> connect(router, ZmtpRole.SUB)).isInstanceOf(ZmtpException.class);
  }

  @Test
  void refusesAnAddressOfAnotherProtocolAtItsFirstByte() throws Exception {
    Thread.ofVirtual().start(() -> serve("HTTP/1.1 400 Bad Request\r\n"));
    assertThatThrownBy(() -> open(address())).hasMessage("no ZeroMQ");
  }

  private void serve(String answer) {
    try (Socket accepted = server.accept()) {
      accepted.getOutputStream().write(answer.getBytes(US_ASCII));
      accepted.getInputStream().readAllBytes();
    } catch (IOException e) {
      // the other end closed
    }
  }

  @Test
  void waitsForAHandshakeButNotForEver() throws Exception {
    assertThatThrownBy(() -> open(address())).isInstanceOf(SocketTimeoutException.class);
    assertThat(server.accept().getInputStream().readAllBytes()).hasSize(64); // and was closed
  }

  @Test
  void endsWhenTheWaitingThreadIsInterrupted() throws Exception {
    ZMQ.Socket publisher = context.createSocket(SocketType.XPUB);
    publisher.bind("tcp://127.0.0.1:*");
    CountDownLatch ended = new CountDownLatch(1);
    Thread reader =
        Thread.ofVirtual()
            .start(
                () -> {
                  try (ZmtpConnection connection = connect(publisher, ZmtpRole.SUB)) {
                    connection.subscribe(new byte[0]);
                    connection.receive();
                  } catch (IOException e) {
                    ended.countDown();
                  }
                });
    publisher.recv();
    reader.interrupt();
    ended.await();
    assertThat(List.of(reader.join(Duration.ofSeconds(50)))).containsExactly(true);
  }

  /** A peer of the other implementation, and where it is to connect to. */
  private interface Exchange {

    void with(ZMQ.Socket peer, ServerSocket listening) throws Exception;
  }

  /**
   * Now and then the other implementation connects and does not begin, or shakes hands and sends
   * nothing: then another peer of it tries.
   */
  private void withPeer(SocketType type, Exchange exchange) throws Exception {
    for (int attempt = 1; ; attempt++) {
      try (ServerSocket listening = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
          ZMQ.Socket peer = context.createSocket(type)) {
        listening.setSoTimeout(SILENCE_MILLIS);
        exchange.with(peer, listening);
        return;
      } catch (SocketTimeoutException e) {
        if (attempt == MAX_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private static ZmtpConnection accept(ServerSocket listening, ZmtpRole role) throws IOException {
    Socket socket = listening.accept();
    ZmtpConnection connection = ZmtpConnection.over(socket, role, MAX_BYTES);
    socket.setSoTimeout(SILENCE_MILLIS);
    return connection;
  }

  private static String addressOf(ServerSocket listening) {
    return new ZmtpAddress("127.0.0.1", listening.getLocalPort()).toString();
  }

  private static ZmtpConnection connect(ZMQ.Socket to, ZmtpRole type) throws IOException {
    return ZmtpConnection.open(ZmtpAddress.of(to.getLastEndpoint()), type, MAX_BYTES);
  }

  private static ZmtpConnection open(ZmtpAddress address) throws IOException {
    return ZmtpConnection.open(address, ZmtpRole.SUB, MAX_BYTES);
  }

  private ZmtpAddress address() {
    return new ZmtpAddress("127.0.0.1", server.getLocalPort());
  }
}
