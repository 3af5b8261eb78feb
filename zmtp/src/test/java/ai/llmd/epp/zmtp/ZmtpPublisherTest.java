package ai.llmd.epp.zmtp;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/**
 * Publishes to, and is asked by, an implementation that is not ours. Now and then that connects and
 * does not begin, for ever; its next connection does.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a read ignores interrupts
class ZmtpPublisherTest {

  private static final int RECEIVE_MILLIS = 100;
  private static final int TRIES_OF_A_CONNECTION = 50;
  private static final int ANSWER_MILLIS = 5_000;

  private final ZContext context = new ZContext();

  @AfterEach
  void close() {
    context.close();
  }

  @Test
  void publishesToThoseWhoSubscribed() throws Exception {
    try (ZmtpPublisher publisher = ZmtpPublisher.bound(ZmtpAddress.of("tcp://127.0.0.1:*"))) {
      String address = publisher.address().toString();
      ZMQ.Socket subscriber = subscriber("kv@");
      subscriber.connect(address);
      while (!receives(publisher, subscriber)) {
        connectAgain(subscriber, address);
      }
    }
  }

  @Test
  void connectsToASubscriber() {
    boolean hasReceived = false;
    while (!hasReceived) {
      try (ZMQ.Socket subscriber = subscriber("kv@")) {
        subscriber.bind("tcp://127.0.0.1:*");
        ZmtpAddress address = ZmtpAddress.of(subscriber.getLastEndpoint());
        try (ZmtpPublisher publisher = ZmtpPublisher.connecting(address)) {
          hasReceived = receives(publisher, subscriber);
        }
      }
    }
  }

  @Test
  void connectsAgainAfterAConnectionEnded() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        ZmtpPublisher publisher =
            ZmtpPublisher.connecting(new ZmtpAddress("127.0.0.1", server.getLocalPort()))) {
      for (int i = 0; i < 2; i++) {
        try (ZmtpConnection subscriber = ZmtpConnection.over(server.accept(), ZmtpRole.SUB, 1000)) {
          subscriber.subscribe(new byte[0]);
          Thread messages =
              Thread.ofVirtual()
                  .start(
                      () -> {
                        while (!Thread.currentThread().isInterrupted()) {
                          publisher.publish(new byte[] {7});
                          LockSupport.parkNanos(1_000_000);
                        }
                      });
          assertThat(subscriber.receive()).isDeepEqualTo(new byte[][] {{7}});
          messages.interrupt();
          messages.join();
        }
      }
    }
  }

  @Test
  void answersEachQuestionWithSeveralMessages() throws Exception {
    try (ZmtpReplier replier =
        new ZmtpReplier(
            ZmtpAddress.of("tcp://127.0.0.1:*"),
            question ->
                List.of(
                    new byte[][] {question[0], "one".getBytes(US_ASCII)},
                    new byte[][] {new byte[0], "end".getBytes(US_ASCII)}))) {
      ZMQ.Socket dealer = context.createSocket(SocketType.DEALER);
      String address = replier.address().toString();
      dealer.connect(address);
      String first = ask(dealer);
      while (first == null) {
        connectAgain(dealer, address);
        first = ask(dealer);
      }
      assertThat(List.of(first, dealer.recvStr(), dealer.recvStr()))
          .containsExactly("", "7", "one");
      assertThat(List.of(dealer.recvStr(), dealer.recvStr(), dealer.recvStr()))
          .containsExactly("", "", "end");
    }
  }

  /** The first frame of the answer; null when none came. */
  private static String ask(ZMQ.Socket dealer) {
    dealer.setReceiveTimeOut(ANSWER_MILLIS);
    dealer.send(new byte[0], ZMQ.SNDMORE);
    dealer.send("7");
    return dealer.recvStr();
  }

  private static void connectAgain(ZMQ.Socket socket, String address) {
    socket.disconnect(address);
    socket.connect(address);
  }

  private ZMQ.Socket subscriber(String topic) {
    ZMQ.Socket subscriber = context.createSocket(SocketType.SUB);
    subscriber.setReceiveTimeOut(RECEIVE_MILLIS);
    subscriber.subscribe(topic);
    return subscriber;
  }

  /** What is sent before a subscription arrived is lost; false when nothing arrives at all. */
  private static boolean receives(ZmtpPublisher publisher, ZMQ.Socket subscriber) {
    byte[] topic = null;
    for (int i = 0; topic == null && i < TRIES_OF_A_CONNECTION; i++) {
      publisher.publish("other".getBytes(US_ASCII), new byte[1]);
      publisher.publish("kv@a".getBytes(US_ASCII), new byte[300]);
      topic = subscriber.recv();
    }
    if (topic != null) {
      assertThat(topic).isEqualTo("kv@a".getBytes(US_ASCII));
      assertThat(subscriber.recv()).hasSize(300);
    }
    return topic != null;
  }
}
