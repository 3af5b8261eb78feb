package ai.llmd.epp.domain.scheduling;

import ai.llmd.epp.domain.catalogue.Plugin;
import org.jspecify.annotations.Nullable;

/** Turns requests away by what is known about their candidates, before one is chosen. */
public interface Admitter extends Plugin {

  /**
   * Why the request may not be scheduled: a sentence for client and operator, without anything of
   * the prompt. Null when it may.
   */
  @Nullable String denial(SchedulingCycle cycle);
}
