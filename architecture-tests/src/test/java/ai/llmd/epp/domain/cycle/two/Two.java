package ai.llmd.epp.domain.cycle.two;

import ai.llmd.epp.domain.cycle.one.One;

/** The other half. */
public final class Two {
  Class<?> one() {
    return One.class;
  }
}
