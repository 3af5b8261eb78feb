package ai.llmd.epp.application;

import ai.llmd.epp.domain.calls.Called;
import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.scheduling.Admitter;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Screener;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What stands between a request's candidates and the scheduler: screeners narrow them before facts
 * are gathered, admitters turn the request away afterwards. One that fails does neither.
 */
public final class CandidateGates {

  /** Why a request is refused of which screeners have kept no candidate. */
  static final String NONE_LEFT = "screeners eliminated all endpoint candidates";

  private static final String SCREENER = "Screener";
  private static final String ADMISSION = "Admission";

  private final List<Named<Screener>> screeners;
  private final List<Named<Admitter>> admitters;
  private final PluginCalls calls;

  /**
   * @param screeners in configuration order
   * @param admitters in configuration order; the first that denies is the last to be asked
   */
  public CandidateGates(
      List<Named<Screener>> screeners, List<Named<Admitter>> admitters, PluginCalls calls) {
    this.screeners = List.copyOf(screeners);
    this.admitters = List.copyOf(admitters);
    this.calls = calls;
  }

  /** The candidates that every screener keeps, in their own order. */
  Candidates screened(SchedulingCycle cycle, EvidenceBuilder evidence) {
    Candidates left = cycle.candidates();
    for (int i = 0; i < screeners.size(); i++) {
      Named<Screener> screener = screeners.get(i);
      Called<Candidates> called = calls.call(SCREENER, screener, plugin -> plugin.screen(cycle));
      evidence.step(SCREENER, screener, called);
      if (called instanceof Called.Returned<Candidates>(Candidates kept, var ignored)) {
        left = both(left, kept);
      }
    }
    return left;
  }

  /**
   * The same after a wait. The candidates that are left of those before have been screened; where
   * all of these have left the pool, others have come, which have not.
   */
  Candidates screenedAgain(Candidates before, SchedulingCycle cycle, EvidenceBuilder evidence) {
    if (screeners.isEmpty()) {
      return cycle.candidates();
    }
    boolean[] wasThere = new boolean[before.slotCount()];
    before.forEach(candidate -> wasThere[candidate.slot()] = true);
    int first = cycle.candidates().get(0).slot();
    return first < wasThere.length && wasThere[first]
        ? cycle.candidates()
        : screened(cycle, evidence);
  }

  private static Candidates both(Candidates left, Candidates kept) {
    boolean[] isKept = new boolean[left.slotCount()];
    kept.forEach(candidate -> isKept[candidate.slot()] = true);
    return left.where(candidate -> isKept[candidate.slot()]);
  }

  /** Why the request is turned away; null when it is not. */
  @Nullable String denial(SchedulingCycle cycle, EvidenceBuilder evidence) {
    for (int i = 0; i < admitters.size(); i++) {
      Named<Admitter> admitter = admitters.get(i);
      Called<@Nullable String> called =
          calls.call(ADMISSION, admitter, plugin -> plugin.denial(cycle));
      evidence.step(ADMISSION, admitter, called);
      if (called instanceof Called.Returned<@Nullable String> returned
          && returned.result() != null) {
        return returned.result();
      }
    }
    return null;
  }
}
