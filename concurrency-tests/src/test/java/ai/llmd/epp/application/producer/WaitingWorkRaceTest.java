package ai.llmd.epp.application.producer;

import static ai.llmd.epp.concurrency.Interleavings.explore;
import static ai.llmd.epp.concurrency.Interleavings.require;
import static ai.llmd.epp.concurrency.Interleavings.shared;
import static ai.llmd.epp.concurrency.Interleavings.together;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WaitingWorkRaceTest {

  private static final int PLENTY = 100;

  @Test
  void whatIsHandedOverWhileItClosesIsDoneOnce() {
    explore(
        () -> {
          var waiting = shared(new WaitingWork(PLENTY, failure -> {}));
          var done = shared(new AtomicInteger());
          together(
              () -> waiting.add(done::incrementAndGet),
              () -> waiting.add(done::incrementAndGet),
              () -> {
                waiting.close();
                waiting.workOff();
              });
          require(done.get() == 2, "each is done once");
          require(waiting.isEmpty(), "nothing stays behind");
        });
  }

  /** Whoever does short work may meet other work, and is then the last that could do it. */
  @Test
  void whatComesBehindShortWorkWhileItClosesIsDone() {
    explore(
        () -> {
          var waiting = shared(new WaitingWork(PLENTY, failure -> {}));
          var done = shared(new AtomicInteger());
          together(
              () -> {
                if (waiting.offer(1, () -> {})) {
                  waiting.workOffShort(1);
                }
              },
              () -> {
                waiting.close();
                waiting.add(done::incrementAndGet);
              });
          require(done.get() == 1, "it is done once");
          require(waiting.isEmpty(), "nothing stays behind");
        });
  }

  @Test
  void oneThreadAtATimeWorksOff() {
    explore(
        () -> {
          var waiting = shared(new WaitingWork(PLENTY, failure -> {}));
          var isBusy = shared(new AtomicBoolean());
          var met = shared(new AtomicInteger());
          Runnable work =
              () -> {
                if (!isBusy.compareAndSet(false, true)) {
                  met.incrementAndGet();
                }
                isBusy.set(false);
              };
          waiting.close();
          together(() -> waiting.add(work), () -> waiting.add(work));
          require(met.get() == 0, "no two are at work");
          require(waiting.isEmpty(), "nothing stays behind");
        });
  }

  @Test
  void whatIsTakenIsDoneAndWhatIsRefusedIsNot() {
    explore(
        () -> {
          var waiting = shared(new WaitingWork(2, failure -> {}));
          var taken = shared(new AtomicInteger());
          var done = shared(new AtomicInteger());
          Runnable offer =
              () -> {
                if (waiting.offer(2, done::incrementAndGet)) {
                  taken.incrementAndGet();
                }
                require(waiting.blocks() <= 4, "beyond the bound by one record at most");
              };
          together(
              offer,
              offer,
              () -> {
                waiting.workOff();
                waiting.close();
                waiting.workOff();
              });
          require(done.get() == taken.get(), "each that is taken is done once");
          require(waiting.blocks() == 0, "no block waits any more");
        });
  }
}
