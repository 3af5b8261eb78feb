package ai.llmd.epp.domain.load;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** Bookings and their readers, in the memory order of the processor and the JIT. */
public final class LoadLedgerStress {

  private static final int SLOT = 0;
  private static final long INCARNATION = 1;
  private static final long TOKENS = 5;

  private LoadLedgerStress() {}

  /** A booking that misses the reader of changes announces itself, and the next read has it. */
  @JCStressTest
  @State
  @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "announced and read")
  @Outcome(id = "2, 1", expect = Expect.ACCEPTABLE, desc = "announced twice and read")
  @Outcome(expect = Expect.FORBIDDEN, desc = "a booking is read only when another one comes")
  public static class NoBookingEscapesTheReaderOfChanges {

    private final AtomicInteger announced = new AtomicInteger();
    private final LoadLedger ledger = new LoadLedger(announced::incrementAndGet);
    private long known;

    public NoBookingEscapesTheReaderOfChanges() {
      ledger.open(SLOT, INCARNATION, 1, TOKENS).release();
    }

    private void readChanges() {
      if (ledger.takeChanged()) {
        known = ledger.ownRequests(SLOT);
      }
    }

    @Actor
    public void request() {
      ledger.open(SLOT, INCARNATION, 1, TOKENS);
    }

    @Actor
    public void reader() {
      readChanges();
    }

    @Arbiter
    public void nextRead(II_Result seen) {
      readChanges();
      seen.r1 = announced.get();
      seen.r2 = (int) known;
    }
  }

  /** A balance is between nothing and what was booked. */
  @JCStressTest
  @State
  @Outcome(
      id = {"0, 0", "1, 0", "0, 5", "1, 5"},
      expect = Expect.ACCEPTABLE,
      desc = "in flight")
  @Outcome(expect = Expect.FORBIDDEN, desc = "more than was booked, or a debt")
  public static class BalancesStayWithinWhatIsBooked {

    private final LoadLedger ledger = new LoadLedger(() -> {});

    @Actor
    public void request() {
      ledger.open(SLOT, INCARNATION, 1, TOKENS).release();
    }

    @Actor
    public void reader(JJ_Result seen) {
      var load = ledger.inFlight(SLOT + 1);
      seen.r1 = load.requests(SLOT);
      seen.r2 = load.tokens(SLOT);
    }
  }

  /** One entry that two threads release is taken back once. */
  @JCStressTest
  @State
  @Outcome(id = "1, 5", expect = Expect.ACCEPTABLE, desc = "the other entry is left")
  @Outcome(expect = Expect.FORBIDDEN, desc = "taken back twice or not at all")
  public static class ReleasingTwiceReleasesOnce {

    private final LoadLedger ledger = new LoadLedger(() -> {});
    private final LoadLedger.Entry entry;

    public ReleasingTwiceReleasesOnce() {
      ledger.open(SLOT, INCARNATION, 1, TOKENS);
      entry = ledger.open(SLOT, INCARNATION, 1, TOKENS);
    }

    @Actor
    public void end() {
      entry.release();
    }

    @Actor
    public void cancel() {
      entry.releaseTokens();
      entry.release();
    }

    @Arbiter
    public void after(JJ_Result seen) {
      var load = ledger.inFlight(SLOT + 1);
      seen.r1 = load.requests(SLOT);
      seen.r2 = load.tokens(SLOT);
    }
  }
}
