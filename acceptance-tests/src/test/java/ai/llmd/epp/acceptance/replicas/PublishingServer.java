package ai.llmd.epp.acceptance.replicas;

import ai.llmd.epp.acceptance.inprocess.ModelServer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentSkipListMap;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/**
 * A model server at an address of this machine of its own, which publishes what its cache holds,
 * and replays no more than its latest messages.
 */
final class PublishingServer implements AutoCloseable {

  /** Messages that it replays. */
  static final int KEPT = 4;

  static final int BLOCK = 16;

  private final ModelServer server;
  private final ZContext context = new ZContext();
  private final ZMQ.Socket live = context.createSocket(SocketType.XPUB);
  private final ConcurrentSkipListMap<Long, byte[]> kept = new ConcurrentSkipListMap<>();
  private final Thread replies;
  private volatile boolean isClosed;
  private long number;

  PublishingServer(String name, String address, int port, int replayPort) {
    this.server = ModelServer.start(name, address).reports(0, 0, 0.1);
    live.setLinger(0);
    live.setSndHWM(0);
    live.setXpubVerbose(true); // tells of each subscriber, also of those to the same
    live.bind("tcp://" + address + ":" + port);
    ZMQ.Socket router = context.createSocket(SocketType.ROUTER);
    router.setLinger(0);
    router.setReceiveTimeOut(50);
    router.bind("tcp://" + address + ":" + replayPort);
    replies = Thread.ofPlatform().daemon().start(() -> reply(router));
  }

  /** Waits for one more subscriber: what is published before it is there it does not get. */
  void awaitSubscriber() {
    if (live.recv() == null) {
      throw new IllegalStateException("nothing subscribes");
    }
  }

  ModelServer server() {
    return server;
  }

  /** It holds the first blocks of a prompt with so many tokens, of which each is this one. */
  void store(int token, int tokens) {
    var batch = new ByteArrayOutputStream();
    batch.write(0x93);
    batch.write(0); // the time
    batch.write(0x91);
    batch.write(0x95);
    batch.write(0xa0 | "BlockStored".length());
    batch.writeBytes("BlockStored".getBytes(StandardCharsets.US_ASCII));
    int blocks = tokens / BLOCK;
    array(batch, blocks);
    for (int i = 1; i <= blocks; i++) {
      number(batch, token * 1_000 + i);
    }
    batch.write(0xc0);
    array(batch, tokens);
    for (int i = 0; i < tokens; i++) {
      number(batch, token);
    }
    batch.write(BLOCK);
    batch.write(0xc0); // no adapter
    publish(batch.toByteArray());
  }

  private static void array(ByteArrayOutputStream batch, int length) {
    batch.write(0xdc);
    batch.write(length >>> 8);
    batch.write(length);
  }

  private static void number(ByteArrayOutputStream batch, int number) {
    batch.write(0xce);
    batch.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
  }

  private void publish(byte[] payload) {
    kept.put(number, payload);
    kept.headMap(number - KEPT, true).clear();
    live.send(topic(), ZMQ.SNDMORE);
    live.send(bytes(number), ZMQ.SNDMORE);
    live.send(payload, 0);
    number++;
  }

  private String topic() {
    return "kv@" + server.hostPort() + "@m";
  }

  private static byte[] bytes(long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
  }

  private void reply(ZMQ.Socket router) {
    while (!isClosed) {
      byte[] identity = router.recv();
      if (identity == null) {
        continue;
      }
      router.recv(); // the empty frame
      long from = ByteBuffer.wrap(router.recv()).getLong();
      kept.tailMap(from, true)
          .forEach((at, payload) -> send(router, identity, topic(), at, payload));
      send(router, identity, "", -1, new byte[0]);
    }
    router.close();
  }

  private static void send(
      ZMQ.Socket router, byte[] identity, String topic, long number, byte[] payload) {
    router.send(identity, ZMQ.SNDMORE);
    router.send(new byte[0], ZMQ.SNDMORE);
    router.send(topic, ZMQ.SNDMORE);
    router.send(bytes(number), ZMQ.SNDMORE);
    router.send(payload, 0);
  }

  @Override
  public void close() {
    isClosed = true;
    try {
      replies.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    context.close();
    server.close();
  }
}
