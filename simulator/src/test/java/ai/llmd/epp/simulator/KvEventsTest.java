package ai.llmd.epp.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/**
 * Subscribes, and asks for what was missed, with an implementation that is not ours. Now and then
 * that connects and does not begin, for ever; another socket of it does.
 */
@Timeout(60)
class KvEventsTest extends WithSimulator {

  private static final int ANSWER_MILLIS = 5_000;
  private static final int TRIES_OF_A_SUBSCRIBER = 25;

  private final ZContext context = new ZContext();

  @AfterEach
  void close() {
    context.close();
  }

  @Test
  void publishesBlocksAsTheyComeAndGo() throws Exception {
    Simulator simulator =
        simulator(
            "--model=m", "--zmq-endpoint=tcp://127.0.0.1:*", "--kv-cache-size=4", "--block-size=4");
    ZMQ.Socket subscriber = subscriber(simulator);
    Client client = client(simulator, 0);
    int asked = 0;
    String topic = null;
    while (topic == null) { // what is published before the subscription arrived is lost
      complete(client, "w" + asked++ + " b c d e f g h i ");
      if (asked % TRIES_OF_A_SUBSCRIBER == 0) {
        subscriber.close();
        subscriber = subscriber(simulator);
      }
      topic = subscriber.recvStr();
    }
    assertThat(topic).isEqualTo("kv@127.0.0.1:" + simulator.ports().getFirst() + "@m");
    assertThat(subscriber.recv()).hasSize(8);
    String events = new String(subscriber.recv(), StandardCharsets.ISO_8859_1);
    assertThat(events).contains("BlockStored");
    complete(client, "another b c d e f g h i j k l m ");
    complete(client, "again b c d e f g h i j k l m ");
    List<String> seen = new ArrayList<>();
    while (seen.stream().noneMatch(each -> each.contains("BlockRemoved"))) {
      String frame = subscriber.recvStr();
      seen.add(frame == null ? "" : frame);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void announcesThatItsCacheWasEmptied(boolean isMap) throws Exception {
    Simulator simulator =
        simulator(
            "--model=m",
            "--zmq-endpoint=tcp://127.0.0.1:*",
            "--kv-events-replay-endpoint=tcp://127.0.0.1:*",
            "--event-batch-size=1",
            "--block-size=4",
            "--use-vllm-map-event-format=" + isMap);
    Client client = client(simulator, 0);
    complete(client, "a b c d e ");
    client.post("/reset_prefix_cache", "");
    complete(client, "a b c d e ");

    List<String> events = replayed(simulator);
    assertThat(events).hasSize(3);
    assertThat(events.get(0)).contains("BlockStored");
    assertThat(events.get(1)).contains("AllBlocksCleared");
    assertThat(events.get(2)).contains("BlockStored");
  }

  @Test
  void replaysWhatWasLost() throws Exception {
    Simulator simulator =
        simulator(
            "--model=m",
            "--zmq-endpoint=tcp://127.0.0.1:*",
            "--kv-events-replay-endpoint=tcp://127.0.0.1:*",
            "--kv-events-loss-percent=100",
            "--event-batch-size=1",
            "--block-size=4",
            "--use-vllm-map-event-format");
    Client client = client(simulator, 0);
    complete(client, "a b c d e ");
    complete(client, "f g h i j ");
    List<Long> numbers = new ArrayList<>();
    ZMQ.Socket dealer = answeredDealer(simulator);
    while (numbers.isEmpty() || numbers.getLast() != -1) {
      if (!numbers.isEmpty()) {
        assertThat(dealer.recv()).isEmpty();
      }
      dealer.recv();
      numbers.add(ByteBuffer.wrap(dealer.recv()).getLong());
      String events = new String(dealer.recv(), StandardCharsets.ISO_8859_1);
      assertThat(events.isEmpty() || events.contains("parent_block_hash")).isTrue();
    }
    assertThat(numbers).containsExactly(0L, 1L, -1L);
  }

  /** Batches of events, in the order of their numbers. */
  private List<String> replayed(Simulator simulator) {
    ZMQ.Socket dealer = answeredDealer(simulator);
    List<String> events = new ArrayList<>();
    while (true) {
      dealer.recv();
      dealer.recv();
      String batch = new String(dealer.recv(), StandardCharsets.ISO_8859_1);
      if (batch.isEmpty()) {
        return events;
      }
      events.add(batch);
      dealer.recv(); // the empty frame
    }
  }

  private ZMQ.Socket subscriber(Simulator simulator) {
    ZMQ.Socket subscriber = context.createSocket(SocketType.SUB);
    subscriber.subscribe("kv@");
    subscriber.setReceiveTimeOut(200);
    subscriber.connect(simulator.eventAddresses().getFirst());
    return subscriber;
  }

  /** Has asked for everything, and received the empty frame before the first answer. */
  private ZMQ.Socket answeredDealer(Simulator simulator) {
    while (true) {
      ZMQ.Socket dealer = context.createSocket(SocketType.DEALER);
      dealer.setReceiveTimeOut(ANSWER_MILLIS);
      dealer.connect(simulator.replayAddresses().getFirst());
      dealer.send(new byte[0], ZMQ.SNDMORE);
      dealer.send(new byte[8]);
      byte[] first = dealer.recv();
      if (first != null) {
        assertThat(first).isEmpty();
        return dealer;
      }
      dealer.close();
    }
  }

  private static void complete(Client client, String prompt) throws Exception {
    client.post(
        "/v1/completions", "{\"model\":\"m\",\"prompt\":\"" + prompt + "\",\"max_tokens\":1}");
  }
}
