package ai.llmd.epp.replication;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.pool.EndpointId;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a request taught that never arrived is taken back at peers, too. */
class TakenBackTest {

  private static final EndpointId E = new EndpointId("ns", "e");
  private static final EndpointId OTHER = new EndpointId("ns", "other");

  private final AtomicLong now = new AtomicLong(1_000_000_000L);
  private final SimulatedReplica a = new SimulatedReplica(1, now);
  private final SimulatedReplica b = new SimulatedReplica(2, now);
  private final SimulatedReplica c = new SimulatedReplica(3, now);
  private final List<SimulatedReplica> all = List.of(a, b, c);

  @BeforeEach
  void join() {
    all.forEach(replica -> replica.add(E));
    all.forEach(replica -> replica.add(OTHER));
  }

  private List<byte[]> send(SimulatedReplica from) {
    List<byte[]> batches = from.takeBatches();
    all.forEach(to -> batches.forEach(to::receive));
    return batches;
  }

  @Test
  void theBlocksAreGoneEverywhere() {
    long[] learned = a.route(E, 1, 2, 3);
    send(a);
    assertThat(c.blocks(E)).containsExactlyInAnyOrder(1L, 2L, 3L);
    a.takeBack(E, learned);
    List<byte[]> batches = send(a);
    assertThat(all).allSatisfy(replica -> assertThat(replica.blocks(E)).isEmpty());

    a.route(E, 1, 2);
    send(a);
    batches.forEach(b::receive);
    assertThat(all).allSatisfy(replica -> assertThat(replica.blocks(E)).hasSize(2));
  }

  @Test
  void whatAnotherReplicaSentThereStaysEverywhere() {
    long[] learned = a.route(E, 1, 2, 3);
    send(a);
    b.route(E, 1, 2);
    assertThat(b.takeBatches()).as("nothing new, told once in a while, and lost").hasSize(1);
    a.takeBack(E, learned);
    send(a);
    assertThat(b.blocks(E)).containsExactlyInAnyOrder(1L, 2L);
    assertThat(c.blocks(E)).isEmpty();
    send(b);
    assertThat(all)
        .allSatisfy(replica -> assertThat(replica.blocks(E)).containsExactlyInAnyOrder(1L, 2L));
  }

  @Test
  void withABatchMissingNothingIsTakenBack() {
    b.route(E, 1, 2);
    long[] learned = a.route(E, 1, 2);
    List<byte[]> late = a.takeBatches();
    a.takeBack(E, learned);
    send(a);
    assertThat(b.blocks(E)).as("b's own").hasSize(2);
    late.forEach(b::receive);
    assertThat(b.blocks(E)).hasSize(2);
  }

  @Test
  void whatASnapshotLeftOutIsNotTakenFromThoseWhoKnowItBetter() throws Exception {
    b.route(E, 1, 2);
    long[] learned = a.route(E, 1, 2);
    a.takeBatches();
    a.takeBack(E, learned);
    a.snapshot().forEach(b::receive); // covers the lesson, and has no block of it
    send(a);
    assertThat(b.blocks(E)).as("b's own").hasSize(2);
  }

  @Test
  void otherEndpointsAndOtherLivesAreLeftAlone() {
    long[] learned = a.route(E, 1);
    a.route(OTHER, 1);
    send(a);
    a.takeBack(E, learned);
    List<byte[]> takenBack = a.takeBatches();
    b.remove(E);
    b.add(E);
    b.route(E, 1);
    takenBack.forEach(b::receive);
    assertThat(b.blocks(E)).hasSize(1);
    assertThat(b.blocks(OTHER)).hasSize(1);
  }

  @Test
  void aSessionIsUnboundEverywhereUnlessItWasUsedLater() {
    bind(a, "s", E);
    send(a);
    a.state.sessions(SimulatedReplica.SESSIONS).unbind("s", E);
    send(a);
    assertThat(all).allSatisfy(replica -> assertThat(boundTo(replica, "s")).isNull());

    now.addAndGet(1_000_000_000L);
    bind(b, "s", OTHER);
    send(b);
    assertThat(all).allSatisfy(replica -> assertThat(boundTo(replica, "s")).isEqualTo(OTHER));
    a.state.sessions(SimulatedReplica.SESSIONS).unbind("s", E);
    send(a);
    assertThat(all).allSatisfy(replica -> assertThat(boundTo(replica, "s")).isEqualTo(OTHER));
  }

  private void bind(SimulatedReplica replica, String session, EndpointId endpoint) {
    replica.state.sessions(SimulatedReplica.SESSIONS).bind(session, endpoint, now.get());
  }

  private @Nullable EndpointId boundTo(SimulatedReplica replica, String session) {
    return replica
        .state
        .sessions(SimulatedReplica.SESSIONS)
        .endpointOf(session, now.get(), Long.MAX_VALUE);
  }
}
