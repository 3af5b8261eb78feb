package ai.llmd.epp.application.reload;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** The lending of generations, in the memory order of the processor and the JIT. */
public final class InForceStress {

  private InForceStress() {}

  private static final class Generation implements InForce.Lendable {
    private final LoanCounter loans = new LoanCounter();

    @Override
    public LoanCounter loans() {
      return loans;
    }
  }

  /** Either the stream sees the replacement, or whoever replaces sees the loan. */
  @JCStressTest
  @State
  @Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "lent: kept open")
  @Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "replaced: the next one is lent")
  @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "the stream counts and looks again")
  @Outcome(expect = Expect.FORBIDDEN, desc = "a generation is lent and found unused")
  public static class WhatIsLentIsNotFoundDrained {

    private final Generation before = new Generation();
    private final Generation after = new Generation();
    private final InForce<Generation> inForce = new InForce<>(before);

    @Actor
    @SuppressWarnings("ReferenceEquality") // this generation, not its like
    public void stream(II_Result seen) {
      seen.r1 = inForce.lend() == before ? 1 : 0;
    }

    @Actor
    public void reload(II_Result seen) {
      inForce.replace(after);
      seen.r2 = before.loans.isDrained() ? 1 : 0;
    }
  }

  /** The last loan is noticed by whoever gives it back, or by whoever retires the generation. */
  @JCStressTest
  @State
  @Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "noticed by one")
  @Outcome(id = "2", expect = Expect.ACCEPTABLE, desc = "noticed by both")
  @Outcome(expect = Expect.FORBIDDEN, desc = "never closed")
  public static class TheLastLoanIsNoticed {

    private final LoanCounter loans = new LoanCounter();
    private final AtomicInteger noticed = new AtomicInteger();

    public TheLastLoanIsNoticed() {
      loans.lend();
    }

    @Actor
    public void stream() {
      loans.giveBack();
    }

    @Actor
    public void reload() {
      loans.retire(noticed::incrementAndGet);
      if (loans.isDrained()) {
        noticed.incrementAndGet();
      }
    }

    @Arbiter
    public void after(I_Result seen) {
      seen.r1 = noticed.get();
    }
  }
}
