package ai.llmd.epp.replication.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.domain.flow.QueueKey;
import ai.llmd.epp.domain.flow.QueueLoad;
import ai.llmd.epp.domain.health.Claim;
import ai.llmd.epp.domain.health.Claim.Finding;
import ai.llmd.epp.domain.latency.LatencyObservation;
import ai.llmd.epp.domain.latency.LatencyObservation.Kind;
import ai.llmd.epp.domain.latency.LatencyRow;
import ai.llmd.epp.domain.latency.StampedObservation;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.state.BindingStamp;
import ai.llmd.epp.domain.state.SessionKey;
import ai.llmd.epp.replication.state.EndpointLife;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BatchTest {

  private static final BatchHead HEAD = new BatchHead(-7, 42, 1_234_567, true, false, true);
  private static final EndpointLife A = new EndpointLife(new EndpointId("ns", "a"), 3);
  private static final EndpointLife B = new EndpointLife(new EndpointId("", "größer"), 0);

  /** Records what it is passed. */
  private static final class RecordingVisitor implements BatchVisitor {
    final List<String> received = new ArrayList<>();

    @Override
    public void begin(BatchHead head) {
      received.add(head.toString());
    }

    @Override
    public void endpoint(EndpointLife endpoint) {
      received.add("endpoint " + endpoint);
    }

    @Override
    public void blocks(String producer, EndpointLife endpoint, int capacity, long[] hashes) {
      received.add(producer + " " + endpoint.id() + " " + capacity + " " + Arrays.toString(hashes));
    }

    @Override
    public void load(String ledger, EndpointLife endpoint, long requests, long tokens) {
      received.add(ledger + " " + endpoint.id() + " " + requests + " " + tokens);
    }

    @Override
    public void session(
        String plugin, SessionKey session, EndpointId endpoint, BindingStamp stamp) {
      received.add(plugin + " " + session + " " + endpoint + " " + stamp);
    }

    @Override
    public void claim(EndpointLife endpoint, Claim claim) {
      received.add(endpoint.id() + " " + claim);
    }

    @Override
    public void queue(QueueKey key, QueueLoad load) {
      received.add(key + " " + load);
    }

    @Override
    public void cache(String plugin, EndpointLife endpoint, byte[] piece) {
      received.add(plugin + " " + endpoint.id() + " cache " + Arrays.toString(piece));
    }

    @Override
    public void observed(String producer, EndpointLife endpoint, StampedObservation observation) {
      received.add(producer + " " + endpoint.id() + " " + observation);
    }

    @Override
    public void retransmissionRequest(long writer, long from, long to) {
      received.add("retransmission request " + writer + " " + from + " " + to);
    }

    @Override
    public void snapshotRequest() {
      received.add("snapshot request");
    }

    @Override
    public void snapshotAvailable() {
      received.add("snapshot available");
    }

    @Override
    public void progress(long writer, long sequence) {
      received.add("progress " + writer + " " + sequence);
    }

    @Override
    public void end() {
      received.add("end");
    }
  }

  private static BatchWriter everyKind() {
    var out = new BatchWriter();
    out.blocks("prefix", A, 31_250, new long[] {0, 1, -1, Long.MIN_VALUE, 9}, 1, 4);
    out.load("inflight", B, 5, Long.MAX_VALUE);
    out.session("sticky", new SessionKey(1, -2), A, new BindingStamp(99, -7));
    out.blocks("prefix", B, 1, new long[0], 0, 0);
    out.endpoint(A);
    out.retransmissionRequest(-9, 1, 2);
    out.snapshotRequest();
    out.snapshotAvailable();
    out.progress(8, 77);
    out.claim(B, new Claim(Finding.UNREACHABLE, -5));
    out.queue(QueueKey.ofBand(-3), new QueueLoad(4, 5, 0.5));
    out.queue(new QueueKey(7, "größer"), new QueueLoad(6, 0, 1.5));
    out.queue(new QueueKey(7, "x".repeat(600)), new QueueLoad(6, 0, 1.5));
    out.queue(new QueueKey(8, "agent"), QueueLoad.served(1e5 / 3));
    out.cache("precise", A, new byte[] {1, -2, 3});
    out.cache("precise", B, new byte[0]);
    out.observed("latency", A, observation(Kind.FURTHER_TOKENS, 0, 8.5));
    out.observed("latency", B, observation(Kind.WHOLE_ANSWER, 1, 4_200));
    out.observed("latency", B, observation(Kind.FIRST_TOKEN, 1, Double.NaN));
    return out;
  }

  private static StampedObservation observation(Kind kind, int generated, double millis) {
    var row =
        new LatencyRow(0.25, 1L << 40, 3, 12, generated, 0.5, 90, 30, "", Long.MAX_VALUE, 80.5);
    return new StampedObservation(-7, 9, new LatencyObservation(kind, row, millis));
  }

  @Test
  void readsWhatWasWritten() throws Exception {
    var visitor = new RecordingVisitor();
    BatchReader.read(everyKind().seal(HEAD), visitor);

    assertThat(visitor.received)
        .containsExactly(
            HEAD.toString(),
            "endpoint " + A,
            "prefix ns/a 31250 [1, -1, " + Long.MIN_VALUE + "]",
            "endpoint " + B,
            "inflight /größer 5 " + Long.MAX_VALUE,
            "sticky SessionKey[high=1, low=-2] ns/a BindingStamp[epochMillis=99, writer=-7]",
            "prefix /größer 1 []",
            "retransmission request -9 1 2",
            "snapshot request",
            "snapshot available",
            "progress 8 77",
            "/größer Claim[finding=UNREACHABLE, episode=-5]",
            QueueKey.ofBand(-3) + " " + new QueueLoad(4, 5, 0.5),
            new QueueKey(7, "größer") + " " + new QueueLoad(6, 0, 1.5),
            new QueueKey(8, "agent") + " " + new QueueLoad(0, 0, 0, 1e5 / 3),
            "precise ns/a cache [1, -2, 3]",
            "precise /größer cache []",
            "latency ns/a " + observation(Kind.FURTHER_TOKENS, 0, 8.5),
            "latency /größer " + observation(Kind.WHOLE_ANSWER, 1, 4_200),
            "end");
  }

  @Test
  void beginsAnewAfterEachBatch() throws Exception {
    BatchWriter out = everyKind();
    out.seal(HEAD);
    assertThat(out.isEmpty()).isTrue();
    out.load("inflight", A, 1, 1);

    var visitor = new RecordingVisitor();
    BatchReader.read(out.seal(HEAD), visitor);
    assertThat(visitor.received)
        .containsExactly(HEAD.toString(), "endpoint " + A, "inflight ns/a 1 1", "end");
  }

  @Test
  void growsWithWhatIsWritten() throws Exception {
    var out = new BatchWriter();
    long[] hashes = LongStream.range(0, 100_000).toArray();
    out.blocks("prefix", A, 1, hashes, 0, hashes.length);

    var visitor = new RecordingVisitor();
    BatchReader.read(out.seal(HEAD), visitor);
    assertThat(visitor.received.get(2)).endsWith("99998, 99999]");
  }

  @Test
  void skipsKindsOfVersionsToCome() throws Exception {
    byte[] batch = everyKind().seal(HEAD);
    byte[] longer = Arrays.copyOf(batch, batch.length + 5 + 3);
    int at = BatchKind.HEAD_BYTES;
    System.arraycopy(batch, at, longer, at + 8, batch.length - at);
    longer[at] = (byte) 200;
    System.arraycopy(new byte[] {0, 0, 0, 3, 1, 2, 3}, 0, longer, at + 1, 7);

    var known = new RecordingVisitor();
    BatchReader.read(batch, known);
    var visitor = new RecordingVisitor();
    BatchReader.read(longer, visitor);

    assertThat(visitor.received).isEqualTo(known.received);
  }

  @Test
  void refusesAKindToComeThatDoesNotFit() {
    byte[] batch = everyKind().seal(HEAD);
    batch[BatchKind.HEAD_BYTES] = BatchKind.FIRST_WITH_LENGTH;
    batch[BatchKind.HEAD_BYTES + 1] = 127;
    assertThatThrownBy(() -> BatchReader.read(batch, new RecordingVisitor()))
        .isInstanceOf(MalformedBatchException.class)
        .hasMessageContaining("does not fit");
  }

  /** As a replica of the version that knew no rate writes it. */
  @Test
  void readsABandOfTheVersionThatKnewNoRate() throws Exception {
    var out = new BatchWriter();
    out.queue(QueueKey.ofBand(3), new QueueLoad(4, 5, 0.5));
    byte[] batch = out.seal(HEAD);
    byte[] earlier = Arrays.copyOf(batch, batch.length - Double.BYTES);
    earlier[BatchKind.HEAD_BYTES + Integer.BYTES] = BatchKind.QUEUE_BYTES; // its length's low byte
    var visitor = new RecordingVisitor();
    BatchReader.read(earlier, visitor);
    assertThat(visitor.received)
        .containsExactly(HEAD.toString(), QueueKey.ofBand(3) + " " + new QueueLoad(4, 5), "end");
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1, Double.NaN, Double.POSITIVE_INFINITY, 1e300})
  void refusesServiceThatNoneCanHave(double tokens) {
    var out = new BatchWriter();
    out.queue(new QueueKey(3, "a"), QueueLoad.served(5));
    byte[] batch = out.seal(HEAD);
    ByteBuffer.wrap(batch).putDouble(batch.length - Double.BYTES, tokens);
    assertThatThrownBy(() -> BatchReader.read(batch, new RecordingVisitor()))
        .isInstanceOf(MalformedBatchException.class)
        .hasMessageContaining("tokens served");
  }

  @ParameterizedTest
  @EnumSource(Finding.class)
  void readsWhatAWriterHoldsAgainstAnEndpoint(Finding finding) throws Exception {
    var out = new BatchWriter();
    Claim claim = new Claim(finding, 1L << 50);
    out.claim(A, claim);
    var visitor = new RecordingVisitor();
    BatchReader.read(out.seal(HEAD), visitor);
    assertThat(visitor.received)
        .containsExactly(HEAD.toString(), "endpoint " + A, "ns/a " + claim, "end");
  }

  /** The last entry, which begins with its kind and its length. */
  private static byte[] withClaim(int more, int finding) {
    var out = new BatchWriter();
    out.claim(A, new Claim(Finding.FAILING, 3));
    byte[] batch = out.seal(HEAD);
    int at = batch.length - BatchKind.CLAIM_BYTES;
    byte[] changed = Arrays.copyOf(batch, batch.length + more);
    changed[at - 1] += (byte) more;
    changed[at + Short.BYTES] = (byte) finding;
    return changed;
  }

  @Test
  void readsAClaimToWhichALaterVersionAddsSomething() throws Exception {
    var visitor = new RecordingVisitor();
    BatchReader.read(withClaim(4, BatchKind.CLAIM_FAILING), visitor);
    assertThat(visitor.received).contains("ns/a Claim[finding=FAILING, episode=3]").endsWith("end");
  }

  @Test
  void skipsAFindingOfAVersionToCome() throws Exception {
    var visitor = new RecordingVisitor();
    BatchReader.read(withClaim(0, 99), visitor);
    assertThat(visitor.received).containsExactly(HEAD.toString(), "endpoint " + A, "end");
  }

  @Test
  void refusesAClaimThatIsTooShort() {
    assertThatThrownBy(() -> BatchReader.read(withClaim(-1, 1), new RecordingVisitor()))
        .isInstanceOf(MalformedBatchException.class)
        .hasMessage("a claim of 10 bytes");
  }

  @Test
  void refusesMoreTakenBackThanTheEntryHas() {
    var out = new BatchWriter();
    out.takenBack("prefix", A, new long[] {1, 2, 3}, 0, 3);
    out.progress(1, 1);
    byte[] batch = out.seal(HEAD);
    int countAt = batch.length - 1 - 2 * Long.BYTES - 3 * Long.BYTES - 1;
    batch[countAt]++;
    assertThatThrownBy(() -> BatchReader.read(batch, new RecordingVisitor()))
        .isInstanceOf(MalformedBatchException.class)
        .hasMessage("more blocks are taken back than the entry has");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY, 1e300})
  void refusesATimeThatNoRequestTakes(double millis) {
    var out = new BatchWriter();
    out.observed("latency", A, observation(Kind.FIRST_TOKEN, 1, 5));
    byte[] batch = out.seal(HEAD);
    int at = batch.length - BatchKind.OBSERVED_BYTES + 2 * Short.BYTES + 1 + 2 * Long.BYTES;
    ByteBuffer.wrap(batch).putDouble(at, millis);
    assertThatThrownBy(() -> BatchReader.read(batch, new RecordingVisitor()))
        .isInstanceOf(MalformedBatchException.class);
  }

  @Test
  void refusesABatchAboveAMebibyte() {
    assertThatThrownBy(() -> BatchReader.read(new byte[(1 << 20) + 1], new RecordingVisitor()))
        .isInstanceOf(MalformedBatchException.class);
  }

  @Test
  void leavesOutEntriesWithNamesTooLongToBeRead() throws Exception {
    var out = new BatchWriter();
    var far = new EndpointLife(new EndpointId("ns", "ä".repeat(257)), 0);
    out.endpoint(far);
    out.blocks("prefix", far, 1, new long[] {1}, 0, 1);
    out.load("l".repeat(513), A, 1, 1);
    out.load("l".repeat(512), A, 2, 2);

    var visitor = new RecordingVisitor();
    BatchReader.read(out.seal(HEAD), visitor);

    assertThat(visitor.received)
        .containsExactly(HEAD.toString(), "endpoint " + A, "l".repeat(512) + " ns/a 2 2", "end");
  }

  @Test
  void refusesANameAbove512Bytes() {
    var out = new BatchWriter();
    out.load("l".repeat(512), A, 2, 2);
    byte[] batch = out.seal(HEAD);
    byte[] longer = Arrays.copyOf(batch, batch.length + 100);
    longer[BatchKind.HEAD_BYTES + 2] = 1; // 513 bytes

    assertThatThrownBy(() -> BatchReader.read(longer, new RecordingVisitor()))
        .isInstanceOf(MalformedBatchException.class)
        .hasMessage("a name of 513 bytes");
  }

  @Test
  void refusesAnotherVersion() {
    byte[] batch = everyKind().seal(HEAD);
    batch[0] = 2;
    assertThatThrownBy(() -> BatchReader.read(batch, new RecordingVisitor()))
        .isInstanceOf(MalformedBatchException.class)
        .hasMessage("unknown batch version 2");
  }

  /** Whatever is in the store, reading ends, with or without an exception. */
  @RepeatedTest(2_000)
  void survivesBytesThatAreNoBatch(RepetitionInfo round) {
    var random = new Random(round.getCurrentRepetition());
    byte[] batch = everyKind().seal(HEAD);
    for (int i = 1 + random.nextInt(6); i > 0; i--) {
      batch[random.nextInt(batch.length)] = (byte) random.nextInt();
    }
    byte[] cut = Arrays.copyOf(batch, random.nextInt(batch.length + 1));
    try {
      BatchReader.read(cut, new RecordingVisitor());
    } catch (MalformedBatchException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }
}
