package ai.llmd.epp.adapter.admin;

import ai.llmd.epp.application.Decisions;
import ai.llmd.epp.domain.health.EndpointHealth;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A pool that stands still, and counts how often it is looked at. */
final class FixedView implements LiveView {

  private static final EndpointLoad LOAD =
      new EndpointLoad(3, 2, 0.5, Set.of("lora"), Set.of(), 4, 16, 1000, Map.of(), 1_000_000, true);

  private final AtomicInteger looks = new AtomicInteger();
  private volatile @Nullable Error next; // thrown once
  private final List<Member> members;

  private FixedView(List<Member> members) {
    this.members = members;
  }

  /** Two endpoints: one healthy, one that is out and was never read. */
  static FixedView ofTwo() {
    return new FixedView(
        List.of(
            new Member(Decisions.FIRST, LOAD, EndpointHealth.State.HEALTHY, false, 700, 4, 5),
            new Member(
                Decisions.SECOND,
                EndpointLoad.UNSAMPLED,
                EndpointHealth.State.OUT,
                false,
                0,
                0,
                0)));
  }

  /** So many endpoints, the last of which is out. */
  static FixedView of(int endpoints) {
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < endpoints; i++) {
      var id = new EndpointId("ns", "pod-" + i);
      members.add(
          new Member(
              Endpoint.of(id, "10.0.0.1", 8000, Map.of()),
              LOAD,
              i == endpoints - 1 ? EndpointHealth.State.OUT : EndpointHealth.State.HEALTHY,
              false,
              0,
              0,
              0));
    }
    return new FixedView(members);
  }

  /** The next look at the pool fails. */
  void failNext(Error failure) {
    next = failure;
  }

  /** Whether it has failed. */
  boolean hasFailed() {
    return next == null;
  }

  /** How often pool or status were asked for. */
  int looks() {
    return looks.get();
  }

  @Override
  public Pool pool() {
    looks.incrementAndGet();
    Error failure = next;
    next = null;
    if (failure != null) {
      throw failure;
    }
    return new Pool("pool", members, 2_000_000_000, 11_000_000);
  }

  @Override
  public Status status() {
    looks.incrementAndGet();
    return new Status(
        "1.0",
        "abc",
        1_000,
        "",
        0,
        0,
        new State(7, 8, 9),
        null,
        new Configuration(
            "epp.yaml",
            3,
            List.of(new Profile("default", List.of(), List.of(new Scorer("queue", 2)), "max")),
            List.of("a warning"),
            List.of(new Change(2_000, false, "no such plugin"))));
  }

  @Override
  public String configuration() {
    return "kind: EndpointPickerConfig\n";
  }
}
