package ai.llmd.epp.domain.scheduling;

import ai.llmd.epp.domain.catalogue.Plugin;
import java.util.Collection;
import java.util.List;

/** Decides which profiles run for a request, and which of their results is the destination. */
public interface ProfileHandler extends Plugin {

  /**
   * The profiles to run next, in this order; none ends the cycle. Called again after each round.
   *
   * @param cycle the request with every candidate; a handler may put facts for the next profiles
   * @param profiles every configured profile
   * @param results what has run so far
   */
  List<SchedulingProfile> pick(
      SchedulingCycle cycle, Collection<SchedulingProfile> profiles, ProfileResults results);

  /** Chooses the primary result once no more profile is to run. */
  Outcome process(SchedulingCycle cycle, ProfileResults results);

  /** The handler's verdict. */
  sealed interface Outcome {

    /**
     * The request goes where one profile chose; the others add to it.
     *
     * @param primaryProfile name of a profile that succeeded
     */
    record Primary(String primaryProfile, ProfileResults results) implements Outcome {}

    /**
     * No endpoint can be chosen.
     *
     * @param detail a sentence for the operator
     */
    record Failed(String detail) implements Outcome {}
  }
}
