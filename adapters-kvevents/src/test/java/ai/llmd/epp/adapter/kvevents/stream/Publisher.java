package ai.llmd.epp.adapter.kvevents.stream;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** A model server's publisher: live messages, and replays of those that it kept. */
final class Publisher implements AutoCloseable {

  static final String TOPIC = "kv@10.0.0.1:8000@m";

  private final ZContext context = new ZContext();
  private final ZMQ.Socket live = context.createSocket(SocketType.PUB);
  private final Map<Long, byte[]> kept = new ConcurrentSkipListMap<>();
  private final String address;
  private final String replayAddress;
  private final Thread replies;
  private volatile boolean isMute;
  private volatile boolean isClosed;

  Publisher() {
    this("tcp://127.0.0.1:*", "tcp://127.0.0.1:*");
  }

  Publisher(String address, String replayAddress) {
    live.setLinger(0);
    live.bind(address);
    this.address = live.getLastEndpoint();
    ZMQ.Socket router = context.createSocket(SocketType.ROUTER);
    router.setLinger(0);
    router.setReceiveTimeOut(50);
    router.bind(replayAddress);
    this.replayAddress = router.getLastEndpoint();
    replies = Thread.ofPlatform().daemon().start(() -> reply(router));
  }

  String address() {
    return address;
  }

  String replayAddress() {
    return replayAddress;
  }

  /** Lets replay requests go unanswered. */
  void mute() {
    isMute = true;
  }

  /** Keeps a message for replays only: subscribers miss it. */
  void keep(long number) {
    kept.put(number, payload(number));
  }

  void forgetBelow(long number) {
    kept.keySet().removeIf(each -> each < number);
  }

  void publish(long number) {
    publish(number, payload(number));
  }

  void publish(long number, byte[] payload) {
    kept.put(number, payload);
    live.send(TOPIC, ZMQ.SNDMORE);
    live.send(bytes(number), ZMQ.SNDMORE);
    live.send(payload, 0);
  }

  static byte[] payload(long number) {
    return ("message " + number).getBytes(StandardCharsets.UTF_8);
  }

  private void reply(ZMQ.Socket router) {
    while (!isClosed) {
      byte[] identity = router.recv();
      if (identity == null) {
        continue;
      }
      router.recv(); // the empty frame
      long from = ByteBuffer.wrap(router.recv()).getLong();
      if (isMute) {
        continue;
      }
      new TreeMap<>(kept)
          .forEach((number, payload) -> send(router, identity, from, number, payload));
      send(router, identity, 0, -1, new byte[0]);
    }
    router.close();
  }

  private static void send(
      ZMQ.Socket router, byte[] identity, long from, long number, byte[] payload) {
    if (number >= from || number == -1) {
      router.send(identity, ZMQ.SNDMORE);
      router.send(new byte[0], ZMQ.SNDMORE);
      router.send(number == -1 ? "" : TOPIC, ZMQ.SNDMORE);
      router.send(bytes(number), ZMQ.SNDMORE);
      router.send(payload, 0);
    }
  }

  private static byte[] bytes(long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
  }

  @Override
  public void close() throws InterruptedException {
    isClosed = true;
    replies.join();
    context.close();
  }
}
