package ai.llmd.epp.adapter.kvevents.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.application.port.out.kvcache.KvStreamStatus;
import ai.llmd.epp.application.port.out.kvcache.KvStreamStatus.Completeness;
import ai.llmd.epp.zmtp.ZmtpAddress;
import ai.llmd.epp.zmtp.ZmtpConnection;
import ai.llmd.epp.zmtp.ZmtpReplier;
import ai.llmd.epp.zmtp.ZmtpRole;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Publishers that keep the picker busy, and others beside them. */
class HostilePublishersTest {

  /** For the picker, seconds pass so many times as fast. */
  private static final int HASTE = 20;

  private static final String OTHER = "10.0.0.9:8000";
  private static final String SLOW = "10.0.0.1:8000";
  private static final String NOWHERE = "tcp://127.0.0.1:1";
  private static final int MANY = 10;
  private static final int STRANGERS = 200; // each may keep its turn for ten seconds
  private static final int SOME = 50; // messages, fewer than wait for their turn

  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  @Test
  void aReplayThatBringsTheSameAgainAndAgainIsGivenUp() throws Exception {
    KvEventSubscriber subscriber = subscriber(() -> HASTE * System.nanoTime(), new SilentSink());
    subscriber.add("a", SLOW, NOWHERE, endless(at -> 3 - Math.min(at, 3)));
    await().until(() -> status(subscriber, SLOW).failures() > 0);
  }

  @Test
  void aReplayThatNeverEndsIsGivenUp() throws Exception {
    KvEventSubscriber subscriber = subscriber(() -> HASTE * System.nanoTime(), new SilentSink());
    subscriber.add("a", SLOW, NOWHERE, endless(at -> at));
    await().until(() -> status(subscriber, SLOW).failures() > 0);
  }

  /** There are more of them than streams that are replayed at a time. */
  @Test
  void othersAreReplayedBesideReplaysThatDoNotEnd() throws Exception {
    try (Publisher other = new Publisher()) {
      other.keep(0);
      other.keep(1);
      KvEventSubscriber subscriber = subscriber(() -> HASTE * System.nanoTime(), new SilentSink());
      for (int i = 0; i < MANY; i++) {
        subscriber.add("attacker " + i, "10.0.1." + i + ":1", NOWHERE, endless(at -> at));
      }
      await().until(() -> subscriber.statuses().stream().mapToLong(s -> s.messages()).sum() > MANY);
      subscriber.add("other", OTHER, other.address(), other.replayAddress());
      await().until(() -> status(subscriber, OTHER).completeness() == Completeness.COMPLETE);
    }
  }

  /** Each message of the one takes a second; the other's are not behind all of them. */
  @Test
  void othersAreTakenBesideMessagesThatTakeLong() throws Exception {
    AtomicLong clock = new AtomicLong();
    CountDownLatch mayGoOn = new CountDownLatch(1);
    List<String> taken = new ArrayList<>();
    try (Publisher slow = new Publisher();
        Publisher other = new Publisher()) {
      EventSink costly =
          new SilentSink() {
            @Override
            public Applied message(String endpoint, String model, byte[] payload) {
              awaitQuietly(mayGoOn);
              clock.addAndGet(endpoint.equals(OTHER) ? 1_000 : 1_000_000_000);
              synchronized (taken) {
                taken.add(endpoint);
              }
              return Applied.WHOLE;
            }
          };
      KvEventSubscriber subscriber = subscriber(clock::get, costly);
      subscriber.add("slow", SLOW, slow.address(), "");
      subscriber.add("other", OTHER, other.address(), "");
      AtomicLong number = new AtomicLong(1_000); // nothing that came before is waited for
      await()
          .until(
              () -> { // until both inboxes are full
                for (int i = 0; i < 10; i++) {
                  slow.publish(number.get());
                  other.publish(number.getAndIncrement());
                }
                return subscriber.figures().waitingMessages() >= 120;
              });
      mayGoOn.countDown();
      await().until(() -> taken(taken, OTHER) >= SOME);
      synchronized (taken) {
        List<String> first = taken.subList(0, nth(taken, OTHER, SOME));
        assertThat(taken(first, SLOW)).isLessThan(8);
      }
      await().until(() -> taken(taken, SLOW) >= SOME); // and nothing is lost
    }
  }

  /** Each message takes a second and fails: others have their turns before the next one. */
  @Test
  void whoeverConnectsGoesWithoutTheTimeOfMessagesThatFail() throws Exception {
    AtomicLong clock = new AtomicLong();
    AtomicLong turns = new AtomicLong();
    CountDownLatch mayGoOn = new CountDownLatch(1);
    List<Long> failedAt = Collections.synchronizedList(new ArrayList<>());
    EventSink failing =
        new SilentSink() {
          @Override
          public Applied message(String endpoint, String model, byte[] payload) {
            awaitQuietly(mayGoOn);
            clock.addAndGet(1_000_000_000);
            failedAt.add(turns.get());
            throw new IllegalStateException("made to fail");
          }
        };
    var subscriber =
        new KvEventSubscriber(
            new SubscriberSettings("", "tcp://127.0.0.1:*"),
            failing,
            clock::get,
            turns::incrementAndGet);
    open.add(subscriber);
    int port = URI.create(subscriber.boundAddress()).getPort();
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    ZmtpConnection publisher = ZmtpConnection.over(socket, ZmtpRole.PUB, 1 << 10);
    open.add(publisher);
    byte[] topic = ("kv@" + SLOW + "@m").getBytes(StandardCharsets.US_ASCII);
    for (long number = 0; number < 2; number++) {
      byte[] bytes = ByteBuffer.allocate(Long.BYTES).putLong(number).array();
      publisher.send(topic, bytes, Publisher.payload(number));
    }
    await().until(() -> subscriber.figures().waitingMessages() == 1); // the other is being taken
    mayGoOn.countDown();
    await().until(() -> failedAt.size() == 2);
    assertThat(failedAt.get(1) - failedAt.get(0)).isGreaterThan(100);
  }

  /** Each begins a large message, of which there may be few at a time, and does not end it. */
  @Test
  void strangersDoNotKeepLargeMessagesOfServersWaiting() throws Exception {
    List<String> taken = Collections.synchronizedList(new ArrayList<>());
    EventSink noting =
        new SilentSink() {
          @Override
          public Applied message(String endpoint, String model, byte[] payload) {
            taken.add(endpoint + ' ' + payload.length);
            return Applied.WHOLE;
          }
        };
    var subscriber =
        new KvEventSubscriber(
            new SubscriberSettings("", "tcp://127.0.0.1:*"), noting, System::nanoTime, () -> {});
    open.add(subscriber);
    int port = URI.create(subscriber.boundAddress()).getPort();
    byte[] begin = ByteBuffer.allocate(100_000).put((byte) 2).putLong(1 << 20).array();
    for (int i = 0; i < STRANGERS; i++) {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
      open.add(ZmtpConnection.over(socket, ZmtpRole.PUB, 1 << 10));
      socket.getOutputStream().write(begin);
    }
    try (Publisher server = new Publisher()) {
      subscriber.add("server", OTHER, server.address(), "");
      byte[] payload = new byte[200_000];
      AtomicLong number = new AtomicLong();
      await()
          .until(
              () -> {
                server.publish(number.getAndIncrement(), payload);
                return taken.contains(OTHER + ' ' + payload.length);
              });
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int nth(List<String> taken, String endpoint, int nth) {
    int seen = 0;
    for (int i = 0; i < taken.size(); i++) {
      seen += taken.get(i).equals(endpoint) ? 1 : 0;
      if (seen == nth) {
        return i + 1;
      }
    }
    throw new AssertionError("fewer than " + nth);
  }

  private static long taken(List<String> taken, String endpoint) {
    synchronized (taken) {
      return taken.stream().filter(endpoint::equals).count();
    }
  }

  private KvEventSubscriber subscriber(LongSupplier nanos, EventSink into) {
    var subscriber = new KvEventSubscriber(new SubscriberSettings("", ""), into, nanos, () -> {});
    open.add(subscriber);
    return subscriber;
  }

  private static KvStreamStatus status(KvEventSubscriber subscriber, String endpoint) {
    return subscriber.statuses().stream()
        .filter(status -> status.endpoint().equals(endpoint))
        .findFirst()
        .orElse(new KvStreamStatus("", Completeness.CATCHING_UP, 0, -1, 0, 0, 0, 0, 0, 0, 0, 0));
  }

  /**
   * The address of what answers a request for a replay without an end.
   *
   * @param numbers of the answer's messages, by their place in it
   */
  private String endless(LongUnaryOperator numbers) throws IOException {
    byte[] topic = Publisher.TOPIC.getBytes(StandardCharsets.US_ASCII);
    var replier =
        new ZmtpReplier(
            ZmtpAddress.of("tcp://127.0.0.1:*"),
            question -> {
              long from = ByteBuffer.wrap(question[0]).getLong();
              return new AbstractList<>() {
                @Override
                public byte[][] get(int at) {
                  long number = numbers.applyAsLong(from + at);
                  byte[] bytes = ByteBuffer.allocate(Long.BYTES).putLong(number).array();
                  return new byte[][] {topic, bytes, Publisher.payload(number)};
                }

                @Override
                public int size() {
                  return Integer.MAX_VALUE;
                }
              };
            });
    open.add(replier);
    return replier.address().toString();
  }

  /** Keeps nothing of what it takes. */
  private static class SilentSink implements EventSink {

    @Override
    public boolean knows(String endpoint) {
      return true;
    }

    @Override
    public Applied message(String endpoint, String model, byte[] payload) {
      return Applied.WHOLE;
    }

    @Override
    public void clear(String endpoint) {}

    @Override
    public void forget(String endpoint) {}
  }
}
