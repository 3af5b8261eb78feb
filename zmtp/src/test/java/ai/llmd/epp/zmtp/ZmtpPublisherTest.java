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

/** Publishes to, and is asked by, an implementation that is not ours. */
@Timeout(60)
class ZmtpPublisherTest {

  private final ZContext context = new ZContext();

  @AfterEach
  void close() {
    context.close();
  }

  @Test
  void publishesToThoseWhoSubscribed() throws Exception {
    try (ZmtpPublisher publisher = ZmtpPublisher.bound(ZmtpAddress.of("tcp://127.0.0.1:*"))) {
      ZMQ.Socket subscriber = subscriber("kv@");
      subscriber.connect(publisher.address().toString());
      receives(publisher, subscriber);
    }
  }

  @Test
  void connectsToASubscriber() {
    ZMQ.Socket subscriber = subscriber("kv@");
    subscriber.bind("tcp://127.0.0.1:*");
    String address = subscriber.getLastEndpoint();
    try (ZmtpPublisher publisher = ZmtpPublisher.connecting(ZmtpAddress.of(address))) {
      receives(publisher, subscriber);
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
      dealer.connect(replier.address().toString());
      dealer.send(new byte[0], ZMQ.SNDMORE);
      dealer.send("7");
      assertThat(List.of(dealer.recvStr(), dealer.recvStr(), dealer.recvStr()))
          .containsExactly("", "7", "one");
      assertThat(List.of(dealer.recvStr(), dealer.recvStr(), dealer.recvStr()))
          .containsExactly("", "", "end");
    }
  }

  private ZMQ.Socket subscriber(String topic) {
    ZMQ.Socket subscriber = context.createSocket(SocketType.SUB);
    subscriber.setReceiveTimeOut(100);
    subscriber.subscribe(topic);
    return subscriber;
  }

  /** What is sent before a subscription arrived is lost. */
  private static void receives(ZmtpPublisher publisher, ZMQ.Socket subscriber) {
    byte[] topic = null;
    while (topic == null) {
      publisher.publish("other".getBytes(US_ASCII), new byte[1]);
      publisher.publish("kv@a".getBytes(US_ASCII), new byte[300]);
      topic = subscriber.recv();
    }
    assertThat(topic).isEqualTo("kv@a".getBytes(US_ASCII));
    assertThat(subscriber.recv()).hasSize(300);
  }
}
