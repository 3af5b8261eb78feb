package ai.llmd.epp.domain.cycle.one;

import ai.llmd.epp.domain.cycle.two.Two;

/** Half of a cycle. */
public final class One {
  Class<?> two() {
    return Two.class;
  }
}
