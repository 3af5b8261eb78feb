package ai.llmd.epp.concurrency;

import static ai.llmd.epp.concurrency.Interleavings.explore;
import static ai.llmd.epp.concurrency.Interleavings.require;
import static ai.llmd.epp.concurrency.Interleavings.shared;
import static ai.llmd.epp.concurrency.Interleavings.together;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Shows that races are found: a guard that never barked may be asleep. */
class InterleavingsTest {

  @Test
  void findsALostUpdate() {
    assertThatThrownBy(
            () ->
                explore(
                    () -> {
                      var counter = shared(new AtomicInteger());
                      Runnable increment = () -> counter.set(counter.get() + 1);
                      together(increment, increment);
                      require(counter.get() == 2, "both are counted");
                    }))
        .hasMessageContaining("both are counted");
  }

  @Test
  void findsWhatAnActorSees() {
    assertThatThrownBy(
            () ->
                explore(
                    () -> {
                      var place = shared(new AtomicInteger(1));
                      together(
                          () -> {
                            place.set(0);
                            place.set(1);
                          },
                          () -> require(place.get() == 1, "it is never empty"));
                    }))
        .hasMessageContaining("it is never empty");
  }
}
