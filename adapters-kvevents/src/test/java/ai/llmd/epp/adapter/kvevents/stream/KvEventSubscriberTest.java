package ai.llmd.epp.adapter.kvevents.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.application.port.out.kvcache.KvStreamStatus;
import ai.llmd.epp.application.port.out.kvcache.KvStreamStatus.Completeness;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

class KvEventSubscriberTest {

  private static final int TRIES_OF_A_CONNECTION = 50;
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final String ENDPOINT = "10.0.0.9:8000";

  private final RecordingSink sink = new RecordingSink();
  private KvEventSubscriber subscriber = subscriber("");

  @AfterEach
  void close() {
    subscriber.close();
  }

  @Test
  void receivesWhatIsPublishedUnderTheEndpointOfItsConnection() throws InterruptedException {
    try (Publisher publisher = new Publisher()) {
      subscriber.add("a", ENDPOINT, publisher.address(), "");
      publishUntilReceived(publisher, 0);
      assertThat(sink.taken()).contains(ENDPOINT + " m message 0");
    }
  }

  @Test
  void replaysWhatWasPublishedBeforeAndWhatIsMissing() throws InterruptedException {
    try (Publisher publisher = new Publisher()) {
      LongStream.range(0, 40).forEach(publisher::keep);
      subscriber.add("a", ENDPOINT, publisher.address(), publisher.replayAddress());
      awaitTaken(40);
      await().atMost(LONG).until(() -> status().completeness() == Completeness.COMPLETE);
      publishUntilReceived(publisher, 40); // there is a connection now
      publisher.keep(41);
      publisher.keep(42);
      publisher.publish(43);
      awaitTaken(44);
      assertThat(sink.taken()).containsExactlyElementsOf(messages(44));
      await()
          .atMost(LONG)
          .until(() -> status().completeness() == Completeness.COMPLETE && status().gaps() == 1);
    }
  }

  @Test
  void connectsAgainToAPublisherThatBeganAgain() throws InterruptedException {
    String address;
    String replayAddress;
    try (Publisher publisher = new Publisher()) {
      address = publisher.address();
      replayAddress = publisher.replayAddress();
      LongStream.range(0, 3).forEach(publisher::keep);
      subscriber.add("a", ENDPOINT, address, replayAddress);
      awaitTaken(3);
      publishUntilReceived(publisher, 3);
    }
    try (Publisher again = new Publisher(address, replayAddress)) {
      publishUntilReceived(again, 0);
      assertThat(sink.taken()).contains("clear " + ENDPOINT);
      assertThat(status().restarts()).isEqualTo(1);
    }
  }

  @Test
  void goesOnWithoutAReplayThatIsNotAnswered() throws InterruptedException {
    try (Publisher publisher = new Publisher()) {
      publisher.mute();
      subscriber.add("a", ENDPOINT, publisher.address(), publisher.replayAddress());
      await().atMost(LONG).until(() -> status().failures() == 1);
      publishUntilReceived(publisher, 7);
      assertThat(status().completeness()).isEqualTo(Completeness.INCOMPLETE);
    }
  }

  @Test
  void forgetsAnEndpointThatIsRemovedOrHasAnotherAddress() {
    AtomicBoolean isForgotten = new AtomicBoolean();
    subscriber.add("a", "10.0.0.1:1", "tcp://127.0.0.1:1", "");
    subscriber.add("a", "10.0.0.2:1", "tcp://127.0.0.1:1", "");
    subscriber.remove("a", "10.0.0.2:1", () -> isForgotten.set(true));
    await().atMost(LONG).untilTrue(isForgotten);
    assertThat(sink.taken()).containsExactly("forget 10.0.0.1:1", "forget 10.0.0.2:1");
    assertThat(subscriber.statuses()).isEmpty();
  }

  @Test
  void letsGoOfAnEndpointAfterItsEnd() {
    subscriber.close();
    AtomicBoolean isForgotten = new AtomicBoolean();
    subscriber.add("a", "10.0.0.1:1", "tcp://127.0.0.1:1", "");
    subscriber.remove("a", "10.0.0.1:1", () -> isForgotten.set(true));
    assertThat(isForgotten).isTrue();
  }

  @Test
  void ticks() {
    AtomicInteger ticks = new AtomicInteger();
    try (var other =
        new KvEventSubscriber(
            new SubscriberSettings("", ""), sink, System::nanoTime, ticks::incrementAndGet)) {
      await().atMost(LONG).until(() -> ticks.get() > 2);
      assertThat(other.statuses()).isEmpty();
    }
  }

  @Test
  void receivesFromWhoeverConnectsToItsBoundAddress() {
    subscriber.close();
    subscriber = subscriber("tcp://127.0.0.1:*");
    connectAndSend(
        subscriber.boundAddress(),
        publisher -> {
          publisher.send("other topic", ZMQ.SNDMORE);
          publisher.send("x");
          publisher.send("kv@10.0.0.7:8000@m", ZMQ.SNDMORE);
          publisher.send("short", 0); // ignored
          send(publisher, "kv@10.0.0.7:8000@m");
        });
    assertThat(sink.taken().getFirst()).isEqualTo("10.0.0.7:8000 m zero");
  }

  @Test
  void goesOnAfterAMessageThatCannotBeApplied() throws Exception {
    sink.failAt(ENDPOINT + " m message 0");
    try (Publisher publisher = new Publisher()) {
      subscriber.add("a", ENDPOINT, publisher.address(), "");
      publishUntilReceived(publisher, 0);
      publishUntilReceived(publisher, 1);
    }
  }

  /** A server goes on publishing for a moment after it has left the pool. */
  @Test
  void passesOverEndpointsThatAreNotInThePool() {
    subscriber.close();
    sink.unknown("10.0.0.8:8000");
    subscriber = subscriber("tcp://127.0.0.1:*");
    connectAndSend(
        subscriber.boundAddress(),
        publisher -> {
          send(publisher, "kv@10.0.0.8:8000@m");
          send(publisher, "kv@10.0.0.7:8000@m");
        });
    assertThat(subscriber.statuses())
        .extracting(KvStreamStatus::endpoint)
        .containsExactly("10.0.0.7:8000");
    await().atMost(LONG).until(() -> subscriber.figures().strayMessages() > 0);
  }

  @Test
  void countsWhatItReceivesWhateverComesOfIt() throws InterruptedException {
    try (Publisher publisher = new Publisher()) {
      subscriber.add("a", ENDPOINT, publisher.address(), "");
      publishUntilReceived(publisher, 5);
      publisher.publish(6); // comes after every 5 that is still on its way
      await().atMost(LONG).until(() -> status().last() == 6);
      long before = status().messages();
      publisher.publish(6); // again
      publisher.publish(6);
      publisher.publish(7);
      await().atMost(LONG).until(() -> status().last() == 7);
      assertThat(status().messages()).isEqualTo(before + 3);
    }
  }

  @Test
  void bindsAnAddressWhenItIsFree() throws IOException {
    subscriber.close();
    String address;
    try (ServerSocket former = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      address = "tcp://127.0.0.1:" + former.getLocalPort();
      subscriber = subscriber(address);
    }
    connectAndSend(address, publisher -> send(publisher, "kv@10.0.0.7:8000@m"));
  }

  /** Sends again and again until the sink has taken something. */
  private void connectAndSend(String address, Consumer<ZMQ.Socket> messages) {
    try (ZContext context = new ZContext()) {
      ZMQ.Socket publisher = context.createSocket(SocketType.PUB);
      publisher.connect(address);
      AtomicInteger tries = new AtomicInteger();
      await()
          .atMost(LONG)
          .until(
              () -> {
                if (tries.incrementAndGet() % TRIES_OF_A_CONNECTION == 0) { // it may never begin
                  publisher.disconnect(address);
                  publisher.connect(address);
                }
                messages.accept(publisher);
                return !sink.taken().isEmpty();
              });
    }
  }

  private static void send(ZMQ.Socket publisher, String topic) {
    publisher.send(topic, ZMQ.SNDMORE);
    publisher.send(ByteBuffer.allocate(8).array(), ZMQ.SNDMORE);
    publisher.send("zero".getBytes(StandardCharsets.UTF_8), 0);
  }

  /** What is no ZeroMQ ends its own connection, again and again, and no other. */
  @Test
  void goesOnBesideAnAddressThatSendsAnything() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        Publisher publisher = new Publisher()) {
      AtomicInteger connections = new AtomicInteger();
      Thread.ofVirtual().start(() -> sendAnything(server, connections));
      subscriber.add("x", "10.0.0.8:8000", "tcp://127.0.0.1:" + server.getLocalPort(), "");
      subscriber.add("a", ENDPOINT, publisher.address(), "");
      await().atMost(LONG).until(() -> connections.get() > 2);
      publishUntilReceived(publisher, 0);
      assertThat(sink.taken()).allMatch(message -> message.startsWith(ENDPOINT));
    }
  }

  private static void sendAnything(ServerSocket server, AtomicInteger connections) {
    byte[] noise = new byte[4096];
    new Random(1).nextBytes(noise);
    while (!server.isClosed()) {
      try (Socket connection = server.accept()) {
        connections.incrementAndGet();
        connection.getOutputStream().write(noise);
      } catch (IOException e) {
        // closed by the other side, or the test is over
      }
    }
  }

  @Test
  void refusesAnAddressThatCannotBeBound() {
    assertThatThrownBy(() -> subscriber("tcp://192.0.2.1:99999"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tcp://192.0.2.1:99999");
  }

  private KvEventSubscriber subscriber(String bindAddress) {
    return new KvEventSubscriber(
        new SubscriberSettings(SubscriberSettings.DEFAULT_TOPIC_FILTER, bindAddress),
        sink,
        System::nanoTime,
        () -> {});
  }

  private KvStreamStatus status() {
    return subscriber.statuses().stream()
        .findFirst()
        .orElse(new KvStreamStatus("", Completeness.CATCHING_UP, 0, -1, 0, 0, 0, 0, 0, 0, 0, 0));
  }

  /** A publisher drops what it sends before a subscriber's first words arrived. */
  private void publishUntilReceived(Publisher publisher, long number) {
    String message = ENDPOINT + " m message " + number;
    int before = (int) sink.taken().stream().filter(message::equals).count();
    await()
        .atMost(LONG)
        .until(
            () -> {
              publisher.publish(number);
              return sink.taken().stream().filter(message::equals).count() > before;
            });
  }

  private void awaitTaken(int count) {
    await().atMost(LONG).until(() -> sink.taken().size() >= count);
  }

  private static List<String> messages(int count) {
    return LongStream.range(0, count).mapToObj(i -> ENDPOINT + " m message " + i).toList();
  }
}
