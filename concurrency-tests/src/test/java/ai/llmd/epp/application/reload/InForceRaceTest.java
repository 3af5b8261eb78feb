package ai.llmd.epp.application.reload;

import static ai.llmd.epp.concurrency.Interleavings.explore;
import static ai.llmd.epp.concurrency.Interleavings.require;
import static ai.llmd.epp.concurrency.Interleavings.shared;
import static ai.llmd.epp.concurrency.Interleavings.together;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class InForceRaceTest {

  /** A generation that is closed as the program does it: when it is found drained once retired. */
  private static final class Generation implements InForce.Lendable {
    private final LoanCounter loans = new LoanCounter();
    private final AtomicInteger closings = new AtomicInteger();
    private boolean isLetGo; // guarded by this

    @Override
    public LoanCounter loans() {
      return loans;
    }

    void retire() {
      loans.retire(this::sweep);
      sweep(); // the last user may have left before the call
    }

    private synchronized void sweep() {
      if (!isLetGo && loans.isDrained()) {
        isLetGo = true;
        closings.incrementAndGet();
      }
    }

    int closings() {
      return closings.get();
    }
  }

  @Test
  void whatIsLentIsNotClosedAndWhatIsRetiredIsClosedOnce() {
    explore(
        () -> {
          Generation before = shared(new Generation());
          Generation after = shared(new Generation());
          InForce<Generation> inForce = shared(new InForce<>(before));
          Runnable user =
              () -> {
                Generation lent = inForce.lend();
                require(lent.closings() == 0, "what is lent is open");
                lent.loans().giveBack();
              };
          together(
              user,
              user,
              () -> {
                inForce.replace(after).retire();
                require(inForce.lend() == after, "the new one is lent from now on");
                after.loans().giveBack();
              });
          require(before.closings() == 1, "what is retired is closed once");
          require(after.closings() == 0, "what is in force is open");
          require(after.loans().isDrained(), "each loan is given back");
        });
  }

  @Test
  void aLoanThatOutlastsTheReplacementKeepsItsGenerationOpen() {
    explore(
        () -> {
          Generation before = shared(new Generation());
          InForce<Generation> inForce = shared(new InForce<>(before));
          Generation kept = inForce.lend();
          together(
              () -> inForce.replace(shared(new Generation())).retire(),
              () -> inForce.lend().loans().giveBack());
          require(kept == before && before.closings() == 0, "it is open while it is lent");
          before.loans().giveBack();
          require(before.closings() == 1, "it is closed with its last loan");
        });
  }
}
