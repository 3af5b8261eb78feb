package ai.llmd.epp.domain.scheduling;

import ai.llmd.epp.domain.catalogue.Plugin;

/** Scores how good each candidate is, from 0 (worst) to 1 (best). A pure function of the cycle. */
public interface Scorer extends Plugin {

  /** Raw scores; the profile clamps them into {@code [0, 1]} before it weighs them. */
  Scores score(SchedulingCycle cycle);
}
