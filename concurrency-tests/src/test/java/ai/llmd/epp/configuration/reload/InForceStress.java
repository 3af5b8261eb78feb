package ai.llmd.epp.configuration.reload;

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

  /** Either the stream sees the replacement, or whoever replaces sees the loan. */
  @JCStressTest
  @State
  @Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "lent: kept open")
  @Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "replaced: the next one is lent")
  @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "the stream counts and looks again")
  @Outcome(expect = Expect.FORBIDDEN, desc = "a generation is lent and found unused")
  public static class WhatIsLentIsNotFoundDrained {

    private final CountedLease<String> before = new CountedLease<>("before");
    private final CountedLease<String> after = new CountedLease<>("after");
    private final InForce<String> inForce = new InForce<>(before);

    @Actor
    @SuppressWarnings("ReferenceEquality") // this generation, not its like
    public void stream(II_Result seen) {
      seen.r1 = inForce.lend() == before ? 1 : 0;
    }

    @Actor
    public void reload(II_Result seen) {
      inForce.replace(after);
      seen.r2 = before.isDrained() ? 1 : 0;
    }
  }

  /** The last loan is noticed by whoever gives it back, or by whoever retires the generation. */
  @JCStressTest
  @State
  @Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "noticed by one")
  @Outcome(id = "2", expect = Expect.ACCEPTABLE, desc = "noticed by both")
  @Outcome(expect = Expect.FORBIDDEN, desc = "never closed")
  public static class TheLastLoanIsNoticed {

    private final CountedLease<String> lease = new CountedLease<>("parts");
    private final AtomicInteger noticed = new AtomicInteger();

    public TheLastLoanIsNoticed() {
      lease.acquire();
    }

    @Actor
    public void stream() {
      lease.release();
    }

    @Actor
    public void reload() {
      lease.retire(noticed::incrementAndGet);
      if (lease.isDrained()) {
        noticed.incrementAndGet();
      }
    }

    @Arbiter
    public void after(I_Result seen) {
      seen.r1 = noticed.get();
    }
  }
}
