package ai.llmd.epp.application.health;

import static ai.llmd.epp.concurrency.Interleavings.explore;
import static ai.llmd.epp.concurrency.Interleavings.require;
import static ai.llmd.epp.concurrency.Interleavings.shared;
import static ai.llmd.epp.concurrency.Interleavings.together;

import ai.llmd.epp.domain.health.AnswerTimes;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FreeOutcomesRaceTest {

  private static final Outcomes ENDPOINT =
      new Outcomes(
          new EndpointState(
              0, 1, Endpoint.of(new EndpointId("ns", "a"), "192.0.2.1", 80, Map.of())),
          () -> {},
          new SlowStarts(),
          new AnswerTimes(),
          endpoint -> 0,
          () -> 0);

  @Test
  void twoThatAreTakenAtOnceAreTwo() {
    explore(
        () -> {
          var free = shared(new FreeOutcomes());
          free.give(new Outcome(ENDPOINT));
          free.give(new Outcome(ENDPOINT));
          var first = shared(new AtomicReference<@Nullable Outcome>());
          var second = shared(new AtomicReference<@Nullable Outcome>());
          together(() -> first.set(free.take()), () -> second.set(free.take()));
          require(first.get() != null && second.get() != null, "both find one");
          require(first.get() != second.get(), "not the same");
        });
  }

  /** One takes two and gives the first back while the other is about to take it. */
  @Test
  void oneThatComesBackMeanwhileBringsNoneBackWithIt() {
    explore(
        () -> {
          var free = shared(new FreeOutcomes());
          free.give(new Outcome(ENDPOINT));
          free.give(new Outcome(ENDPOINT));
          var kept = shared(new AtomicReference<@Nullable Outcome>());
          var other = shared(new AtomicReference<@Nullable Outcome>());
          together(
              () -> {
                Outcome top = free.take();
                kept.set(free.take());
                if (top != null) {
                  free.give(top);
                }
              },
              () -> other.set(free.take()));
          require(kept.get() == null || kept.get() != other.get(), "none is taken twice");
          Outcome next = free.take();
          require(next == null || (next != kept.get() && next != other.get()), "nor taken again");
        });
  }

  @Test
  void noneIsLostThatIsGivenAtOnce() {
    explore(
        () -> {
          var free = shared(new FreeOutcomes());
          together(() -> free.give(new Outcome(ENDPOINT)), () -> free.give(new Outcome(ENDPOINT)));
          Outcome first = free.take();
          Outcome second = free.take();
          require(first != null && second != null && first != second, "both are there");
          require(free.take() == null, "and no more");
        });
  }
}
