package ai.llmd.epp.domain.scheduling;

import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.request.InferenceRequest;
import java.util.Collection;
import java.util.List;

/** Decides which profiles run for a request, and which of their results is the destination. */
public interface ProfileHandler extends Plugin {

  /**
   * The profiles to run next, in this order; none ends the cycle. Called again after each round.
   *
   * @param profiles every configured profile
   * @param results what has run so far
   */
  List<SchedulingProfile> pick(
      InferenceRequest request, Collection<SchedulingProfile> profiles, ProfileResults results);

  /** Chooses the primary result once no more profile is to run. */
  Outcome process(InferenceRequest request, ProfileResults results);

  /** The handler's verdict. */
  sealed interface Outcome {

    /**
     * @param primaryProfile name of a profile that succeeded
     */
    record Primary(String primaryProfile, ProfileResults results) implements Outcome {}

    /**
     * @param detail a sentence for the operator
     */
    record Failed(String detail) implements Outcome {}
  }
}
