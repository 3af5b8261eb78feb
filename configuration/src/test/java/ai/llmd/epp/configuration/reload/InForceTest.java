package ai.llmd.epp.configuration.reload;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class InForceTest {

  private final CountedLease<String> first = new CountedLease<>("first");
  private final CountedLease<String> second = new CountedLease<>("second");
  private final InForce<String> inForce = new InForce<>(first);

  @Test
  void lendsWhatIsInForceAndLeavesEarlierLeasesAlone() {
    CountedLease<String> lent = inForce.lend();

    inForce.replace(second);

    assertThat(inForce.lend()).isSameAs(second);
    assertThat(inForce.parts()).isEqualTo("second");
    assertThat(lent).isSameAs(first);
    assertThat(first.isDrained()).isFalse();
  }

  @Test
  void reportsThatTheLastUserOfARetiredGenerationHasLeft() {
    AtomicInteger drained = new AtomicInteger();
    inForce.lend();
    inForce.lend();
    inForce.replace(second);
    first.retire(drained::incrementAndGet);

    first.release();
    assertThat(drained).hasValue(0);
    first.release();

    assertThat(drained).hasValue(1);
    assertThat(first.isDrained()).isTrue();
  }

  @Test
  void reportsNothingWhileItIsInForce() {
    inForce.lend().release();

    assertThat(first.isDrained()).isTrue();
  }

  @Test
  @SuppressWarnings("ReferenceEquality") // this generation, not its like
  void aGenerationThatIsDrainedStaysDrainedWhileOthersLend() throws InterruptedException {
    for (int round = 0; round < 200; round++) {
      CountedLease<String> before = new CountedLease<>("before");
      InForce<String> replaced = new InForce<>(before);
      List<Thread> users = new ArrayList<>();
      AtomicInteger violations = new AtomicInteger();
      AtomicInteger closed = new AtomicInteger(); // 1 once the generation before may be closed
      for (int i = 0; i < 2; i++) {
        users.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      CountedLease<String> lent = replaced.lend();
                      if (lent == before && closed.get() == 1) {
                        violations.incrementAndGet();
                      }
                      lent.release();
                    }));
      }
      replaced.replace(new CountedLease<>("after"));
      if (before.isDrained()) {
        closed.set(1);
      }
      for (Thread user : users) {
        user.join();
      }
      assertThat(violations).as("round " + round).hasValue(0);
    }
  }
}
