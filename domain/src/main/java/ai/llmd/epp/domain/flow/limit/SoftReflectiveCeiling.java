package ai.llmd.epp.domain.flow.limit;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.flow.UsageLimitPolicy;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Lets lower priorities in only now and then while the pool fills up. The highest may always go on
 * until the pool is full. Another one, of rank {@code i} of {@code n}, may while the saturation
 * {@code s} is below {@code 1 - i * s / (n - 1)}; beyond that, from half full on, at every {@code
 * round(s / (1 - s))}-th cycle; and not at all in a full pool.
 */
public final class SoftReflectiveCeiling implements UsageLimitPolicy {

  public static final PluginType<Parameters> TYPE =
      PluginType.of(
              "soft-reflective-ceiling-policy",
              new Parameters(),
              ignored -> new SoftReflectiveCeiling())
          .alpha();

  private static final double HALF_FULL = 0.5;
  private static final double NOT_ZERO = 1e-9;

  /** There are none; any field is refused. */
  public record Parameters() {}

  private final AtomicLong cycles = new AtomicLong();

  @Override
  public void ceilings(double saturation, int[] priorities, double[] ceilings) {
    int last = priorities.length - 1;
    if (last <= 0) {
      return;
    }
    boolean isOpen = isOpen(saturation);
    for (int i = 1; i <= last; i++) {
      boolean mayPass = saturation < 1 - i * saturation / last || (saturation < 1 && isOpen);
      ceilings[i] = mayPass ? 1 : 0;
    }
  }

  private boolean isOpen(double saturation) {
    if (!(saturation >= HALF_FULL && saturation < 1)) {
      return false;
    }
    long period = Math.max(1, Math.round(saturation / (1 - saturation + NOT_ZERO)));
    return cycles.incrementAndGet() % period == 0;
  }
}
