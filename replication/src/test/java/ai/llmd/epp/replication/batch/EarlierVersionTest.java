package ai.llmd.epp.replication.batch;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A replica of the version before claims and one of this version read each other's batches, as they
 * do while one is rolled out.
 */
class EarlierVersionTest {

  private static final BatchHead HEAD = new BatchHead(-7, 42, 1_234_567, true, false, true);
  private static final EndpointLife A = new EndpointLife(new EndpointId("ns", "a"), 3);
  private static final EndpointLife B = new EndpointLife(new EndpointId("ns", "b"), 0);

  private static final StampedObservation OBSERVATION =
      new StampedObservation(
          HEAD.writer(),
          5,
          new LatencyObservation(
              Kind.FIRST_TOKEN,
              new LatencyRow(0.25, 700, 1, 4, 1, 0.5, 9, 3, "", 2_000, 12),
              81.5));

  /** What that version wrote, byte by byte. */
  private static final String EARLIER =
      "0105fffffffffffffff9000000000000002a000000000012d687" // header
          + "010006707265666978" // the name "prefix"
          + "0200026e73000161" // the endpoint ns/a ...
          + "0000000000000003" // ... in its fourth life
          + "03000000000000001000000002" // two blocks of it
          + "00000000000000010000000000000002"
          + "04000000000000000000000005000000000000000a" // work in flight
          + "050000000000000000000000010000000000000002" // a session
          + "00000000000000630000000000000007"
          + "07"
          + "0900000000000000080000000000000009";

  private static byte[] earlierKinds(BatchWriter out) {
    out.blocks("prefix", A, 16, new long[] {1, 2}, 0, 2);
    out.load("prefix", A, 5, 10);
    out.session("prefix", new SessionKey(1, 2), A, new BindingStamp(99, 7));
    out.snapshotRequest();
    out.progress(8, 9);
    return out.seal(HEAD);
  }

  @Test
  void itsBatchesAreReadToTheirEnd() throws Exception {
    byte[] earlier = HexFormat.of().parseHex(EARLIER);
    assertThat(earlierKinds(new BatchWriter())).isEqualTo(earlier);
    BatchReader.read(earlier, new NoVisitor());
  }

  @Test
  void itSkipsWhatIsNewAndReadsTheRest() {
    var out = new BatchWriter();
    out.claim(B, new Claim(Finding.FAILING, 1));
    out.load("prefix", A, 5, 10);
    out.claim(A, new Claim(Finding.UNREACHABLE, 2));
    out.takenBack("prefix", A, new long[] {1, 2, 3}, 0, 3);
    out.queue(new QueueKey(0, "agent"), QueueLoad.served(5));
    out.observed("prefix", A, OBSERVATION);
    out.cache("prefix", A, new byte[300]);
    out.snapshotAvailable();
    assertThat(kindsReadByTheEarlierVersion(out.seal(HEAD)))
        .containsExactly(
            "ENDPOINT",
            "skipped",
            "NAME",
            "ENDPOINT",
            "LOAD",
            "skipped",
            "skipped",
            "skipped",
            "skipped",
            "skipped",
            "8");
  }

  /** The version that shared turns, and not what flows were served, reads a flow so far. */
  @Test
  void theVersionBeforeServiceReadsTurnsAndSkipsWhatIsBehindThem() {
    var out = new BatchWriter();
    out.queue(new QueueKey(-3, "agent"), new QueueLoad(4, 0, 0.5, 5));
    out.snapshotAvailable();
    ByteBuffer in = ByteBuffer.wrap(out.seal(HEAD)).position(26);
    assertThat(in.get()).isEqualTo((byte) 12);
    int end = in.getInt() + in.position();
    assertThat(in.getInt()).isEqualTo(-3);
    assertThat(in.getLong()).isEqualTo(4);
    assertThat(in.getDouble()).isEqualTo(0.5);
    text(in);
    assertThat(end - in.position()).isEqualTo(Double.BYTES);
    assertThat(in.position(end).get()).isEqualTo((byte) 8);
  }

  @Test
  void aFlowOfThatVersionWasServedNothing() throws Exception {
    var out = new BatchWriter();
    out.queue(new QueueKey(-3, "agent"), new QueueLoad(4, 0, 0.5));
    byte[] batch = out.seal(HEAD);
    assertThat(batch).hasSize(26 + 1 + 4 + 4 + 8 + 8 + 2 + 5); // as it wrote it
    List<String> received = new ArrayList<>();
    BatchReader.read(
        batch,
        new NoVisitor() {
          @Override
          public void queue(QueueKey key, QueueLoad load) {
            received.add(key.flow() + " " + load.servedTokens());
          }
        });
    assertThat(received).containsExactly("agent 0.0");
  }

  /** A version to come knows other times, and more about each. */
  @Test
  void observationsOfAVersionToComeAreReadSoFarAsTheyAreKnown() throws Exception {
    var out = new BatchWriter();
    out.observed("prefix", A, OBSERVATION);
    out.observed("prefix", A, OBSERVATION);
    byte[] batch = out.seal(HEAD);
    int entry = 1 + Integer.BYTES + BatchKind.OBSERVED_BYTES;
    ByteBuffer later = ByteBuffer.allocate(batch.length + 3);
    later.put(batch, 0, batch.length - entry);
    later.put(BatchKind.OBSERVED).putInt(BatchKind.OBSERVED_BYTES + 3);
    later.put(batch, batch.length - BatchKind.OBSERVED_BYTES, BatchKind.OBSERVED_BYTES);
    later.put(batch.length - 2 * entry + 1 + Integer.BYTES + 2 * Short.BYTES, (byte) 77);
    List<StampedObservation> received = new ArrayList<>();
    BatchReader.read(
        later.array(),
        new NoVisitor() {
          @Override
          public void observed(
              String producer, EndpointLife endpoint, StampedObservation observation) {
            received.add(observation);
          }
        });
    assertThat(received).containsExactly(OBSERVATION);
  }

  /** Its reader, reduced to how many bytes it takes for each kind. */
  private static List<String> kindsReadByTheEarlierVersion(byte[] batch) {
    ByteBuffer in = ByteBuffer.wrap(batch).position(26);
    List<String> kinds = new ArrayList<>();
    while (in.hasRemaining()) {
      byte kind = in.get();
      kinds.add(
          switch (kind) {
            case 1 -> {
              text(in);
              yield "NAME";
            }
            case 2 -> {
              text(in);
              text(in);
              in.getLong();
              yield "ENDPOINT";
            }
            case 4 -> {
              skip(in, 20);
              yield "LOAD";
            }
            case 7, 8 -> String.valueOf(kind);
            default -> {
              assertThat(kind).isGreaterThanOrEqualTo((byte) 10);
              skip(in, in.getInt());
              yield "skipped";
            }
          });
    }
    return kinds;
  }

  private static void text(ByteBuffer in) {
    skip(in, in.getShort());
  }

  private static void skip(ByteBuffer in, int bytes) {
    in.position(in.position() + bytes);
  }

  /** Takes everything. */
  private static class NoVisitor implements BatchVisitor {
    @Override
    public void begin(BatchHead head) {
      assertThat(head).isEqualTo(HEAD);
    }

    @Override
    public void endpoint(EndpointLife endpoint) {
      assertThat(endpoint).isEqualTo(A);
    }

    @Override
    public void blocks(String producer, EndpointLife endpoint, int capacity, long[] hashes) {
      assertThat(hashes).containsExactly(1, 2);
    }

    @Override
    public void load(String ledger, EndpointLife endpoint, long requests, long tokens) {
      assertThat(tokens).isEqualTo(10);
    }

    @Override
    public void session(
        String plugin, SessionKey session, EndpointId endpoint, BindingStamp stamp) {
      assertThat(stamp).isEqualTo(new BindingStamp(99, 7));
    }

    @Override
    public void claim(EndpointLife endpoint, Claim claim) {
      throw new AssertionError("it has no claims");
    }

    @Override
    public void retransmissionRequest(long writer, long from, long to) {}

    @Override
    public void snapshotRequest() {}

    @Override
    public void snapshotAvailable() {}

    @Override
    public void progress(long writer, long sequence) {
      assertThat(sequence).isEqualTo(9);
    }

    @Override
    public void end() {}
  }
}
