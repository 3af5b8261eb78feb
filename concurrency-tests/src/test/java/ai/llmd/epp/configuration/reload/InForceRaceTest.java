package ai.llmd.epp.configuration.reload;

import static ai.llmd.epp.concurrency.Interleavings.explore;
import static ai.llmd.epp.concurrency.Interleavings.require;
import static ai.llmd.epp.concurrency.Interleavings.shared;
import static ai.llmd.epp.concurrency.Interleavings.together;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class InForceRaceTest {

  /** A generation that is closed as the program does it: when it is found drained once retired. */
  private static final class Generation {
    private final CountedLease<Generation> lease = new CountedLease<>(this);
    private final AtomicInteger closings = new AtomicInteger();
    private boolean isLetGo; // guarded by this

    CountedLease<Generation> lease() {
      return lease;
    }

    void retire() {
      lease.retire(this::closeUnused);
      closeUnused(); // the last user may have left before the call
    }

    private synchronized void closeUnused() {
      if (!isLetGo && lease.isDrained()) {
        isLetGo = true;
        closings.incrementAndGet();
      }
    }

    int closings() {
      return closings.get();
    }
  }

  private static void replace(InForce<Generation> inForce, Generation before, Generation after) {
    inForce.replace(after.lease());
    before.retire();
  }

  @Test
  void whatIsLentIsNotClosedAndWhatIsRetiredIsClosedOnce() {
    explore(
        () -> {
          Generation before = shared(new Generation());
          Generation after = shared(new Generation());
          InForce<Generation> inForce = shared(new InForce<>(before.lease()));
          Runnable user =
              () -> {
                CountedLease<Generation> lent = inForce.lend();
                require(lent.parts().closings() == 0, "what is lent is open");
                lent.release();
              };
          together(
              user,
              user,
              () -> {
                replace(inForce, before, after);
                require(inForce.lend().parts() == after, "the new one is lent from now on");
                after.lease().release();
              });
          require(before.closings() == 1, "what is retired is closed once");
          require(after.closings() == 0, "what is in force is open");
          require(after.lease().isDrained(), "each lease is released");
        });
  }

  @Test
  void aLeaseThatOutlastsTheReplacementKeepsItsGenerationOpen() {
    explore(
        () -> {
          Generation before = shared(new Generation());
          InForce<Generation> inForce = shared(new InForce<>(before.lease()));
          Generation kept = inForce.lend().parts();
          together(
              () -> replace(inForce, before, shared(new Generation())),
              () -> inForce.lend().release());
          require(kept == before && before.closings() == 0, "it is open while it is lent");
          before.lease().release();
          require(before.closings() == 1, "it is closed with its last lease");
        });
  }
}
