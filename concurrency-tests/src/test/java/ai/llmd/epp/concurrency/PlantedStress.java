package ai.llmd.epp.concurrency;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Two plain flags, where each actor can miss the other's: planted, to be found. */
@JCStressTest
@State
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "one first")
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "the other first")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "both at once")
@Outcome(expect = Expect.FORBIDDEN, desc = "neither sees the other")
public class PlantedStress {

  private int left;
  private int right;

  @Actor
  public void left(II_Result seen) {
    left = 1;
    seen.r1 = right;
  }

  @Actor
  public void right(II_Result seen) {
    right = 1;
    seen.r2 = left;
  }
}
