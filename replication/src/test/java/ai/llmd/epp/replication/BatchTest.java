package ai.llmd.epp.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.sharing.BindingStamp;
import ai.llmd.epp.domain.sharing.SessionKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class BatchTest {

  private static final BatchHead HEAD = new BatchHead(-7, 42, 1_234_567, true, false, true);
  private static final EndpointLife A = new EndpointLife(new EndpointId("ns", "a"), 3);
  private static final EndpointLife B = new EndpointLife(new EndpointId("", "größer"), 0);

  /** Writes down what it hears. */
  private static final class Minutes implements BatchVisitor {
    final List<String> heard = new ArrayList<>();

    @Override
    public void begin(BatchHead head) {
      heard.add(head.toString());
    }

    @Override
    public void endpoint(EndpointLife endpoint) {
      heard.add("endpoint " + endpoint);
    }

    @Override
    public void blocks(String producer, EndpointLife endpoint, int capacity, long[] hashes) {
      heard.add(producer + " " + endpoint.id() + " " + capacity + " " + Arrays.toString(hashes));
    }

    @Override
    public void load(String ledger, EndpointLife endpoint, long requests, long tokens) {
      heard.add(ledger + " " + endpoint.id() + " " + requests + " " + tokens);
    }

    @Override
    public void session(
        String plugin, SessionKey session, EndpointId endpoint, BindingStamp stamp) {
      heard.add(plugin + " " + session + " " + endpoint + " " + stamp);
    }

    @Override
    public void resend(long writer, long from, long to) {
      heard.add("resend " + writer + " " + from + " " + to);
    }

    @Override
    public void snapshotWanted() {
      heard.add("wanted");
    }

    @Override
    public void snapshotReady() {
      heard.add("ready");
    }

    @Override
    public void progress(long writer, long sequence) {
      heard.add("progress " + writer + " " + sequence);
    }

    @Override
    public void end() {
      heard.add("end");
    }
  }

  private static BatchWriter everyKind() {
    var out = new BatchWriter();
    out.blocks("prefix", A, 31_250, new long[] {0, 1, -1, Long.MIN_VALUE, 9}, 1, 4);
    out.load("inflight", B, 5, Long.MAX_VALUE);
    out.session("sticky", new SessionKey(1, -2), A, new BindingStamp(99, -7));
    out.blocks("prefix", B, 1, new long[0], 0, 0);
    out.endpoint(A);
    out.resend(-9, 1, 2);
    out.snapshotWanted();
    out.snapshotReady();
    out.progress(8, 77);
    return out;
  }

  @Test
  void readsWhatWasWritten() throws Exception {
    var minutes = new Minutes();
    BatchReader.read(everyKind().seal(HEAD), minutes);

    assertThat(minutes.heard)
        .containsExactly(
            HEAD.toString(),
            "endpoint " + A,
            "prefix ns/a 31250 [1, -1, " + Long.MIN_VALUE + "]",
            "endpoint " + B,
            "inflight /größer 5 " + Long.MAX_VALUE,
            "sticky SessionKey[high=1, low=-2] ns/a BindingStamp[epochMillis=99, writer=-7]",
            "prefix /größer 1 []",
            "resend -9 1 2",
            "wanted",
            "ready",
            "progress 8 77",
            "end");
  }

  @Test
  void beginsAnewAfterEachBatch() throws Exception {
    BatchWriter out = everyKind();
    out.seal(HEAD);
    assertThat(out.isEmpty()).isTrue();
    out.load("inflight", A, 1, 1);

    var minutes = new Minutes();
    BatchReader.read(out.seal(HEAD), minutes);
    assertThat(minutes.heard)
        .containsExactly(HEAD.toString(), "endpoint " + A, "inflight ns/a 1 1", "end");
  }

  @Test
  void growsWithWhatIsWritten() throws Exception {
    var out = new BatchWriter();
    long[] hashes = LongStream.range(0, 100_000).toArray();
    out.blocks("prefix", A, 1, hashes, 0, hashes.length);

    var minutes = new Minutes();
    BatchReader.read(out.seal(HEAD), minutes);
    assertThat(minutes.heard.get(2)).endsWith("99998, 99999]");
  }

  @Test
  void refusesAnotherVersion() {
    byte[] batch = everyKind().seal(HEAD);
    batch[0] = 2;
    assertThatThrownBy(() -> BatchReader.read(batch, new Minutes()))
        .isInstanceOf(MalformedBatchException.class)
        .hasMessage("the batch is of version 2");
  }

  /** Whatever stands in the store, reading ends, with a sentence or without. */
  @RepeatedTest(2_000)
  void survivesBytesThatAreNoBatch(RepetitionInfo round) {
    var random = new Random(round.getCurrentRepetition());
    byte[] batch = everyKind().seal(HEAD);
    for (int i = 1 + random.nextInt(6); i > 0; i--) {
      batch[random.nextInt(batch.length)] = (byte) random.nextInt();
    }
    byte[] cut = Arrays.copyOf(batch, random.nextInt(batch.length + 1));
    try {
      BatchReader.read(cut, new Minutes());
    } catch (MalformedBatchException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }
}
