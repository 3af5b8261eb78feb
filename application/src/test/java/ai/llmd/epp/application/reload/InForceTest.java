package ai.llmd.epp.application.reload;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class InForceTest {

  private record Generation(String name, LoanCounter loans) implements InForce.Lendable {

    Generation(String name) {
      this(name, new LoanCounter());
    }
  }

  private final Generation first = new Generation("first");
  private final Generation second = new Generation("second");
  private final InForce<Generation> inForce = new InForce<>(first);

  @Test
  void lendsWhatIsInForceAndLeavesEarlierLoansAlone() {
    Generation lent = inForce.lend();

    assertThat(inForce.replace(second)).isSameAs(first);

    assertThat(inForce.lend()).isSameAs(second);
    assertThat(lent).isSameAs(first);
    assertThat(first.loans().isDrained()).isFalse();
  }

  @Test
  void reportsThatTheLastUserOfARetiredGenerationHasLeft() {
    AtomicInteger drained = new AtomicInteger();
    inForce.lend();
    inForce.lend();
    inForce.replace(second);
    first.loans().retire(drained::incrementAndGet);

    first.loans().giveBack();
    assertThat(drained).hasValue(0);
    first.loans().giveBack();

    assertThat(drained).hasValue(1);
    assertThat(first.loans().isDrained()).isTrue();
  }

  @Test
  void reportsNothingWhileItIsInForce() {
    inForce.lend().loans().giveBack();

    assertThat(inForce.current().loans().isDrained()).isTrue();
  }

  @Test
  @SuppressWarnings("ReferenceEquality") // this generation, not its like
  void aGenerationThatIsDrainedStaysDrainedWhileOthersLend() throws InterruptedException {
    for (int round = 0; round < 200; round++) {
      Generation before = new Generation("before");
      InForce<Generation> replaced = new InForce<>(before);
      List<Thread> users = new ArrayList<>();
      AtomicInteger violations = new AtomicInteger();
      AtomicInteger closed = new AtomicInteger(); // 1 once the generation before may be closed
      for (int i = 0; i < 2; i++) {
        users.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      Generation lent = replaced.lend();
                      if (lent == before && closed.get() == 1) {
                        violations.incrementAndGet();
                      }
                      lent.loans().giveBack();
                    }));
      }
      replaced.replace(new Generation("after"));
      if (before.loans().isDrained()) {
        closed.set(1);
      }
      for (Thread user : users) {
        user.join();
      }
      assertThat(violations).as("round " + round).hasValue(0);
    }
  }
}
