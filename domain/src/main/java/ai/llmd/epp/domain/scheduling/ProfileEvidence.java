package ai.llmd.epp.domain.scheduling;

import ai.llmd.epp.domain.pool.Candidates;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What happened in one run of a profile, step by step: enough to explain the pick afterwards. Holds
 * endpoints and numbers, nothing of the request.
 *
 * @param totals weighted sums; null when no candidate reached the scorers
 * @param pick null when no candidate reached the picker
 */
public record ProfileEvidence(
    String profile,
    Candidates candidates,
    List<Filtered> filters,
    List<Scored> scorers,
    @Nullable Scores totals,
    @Nullable Picked pick) {

  public ProfileEvidence {
    filters = List.copyOf(filters);
    scorers = List.copyOf(scorers);
  }

  /**
   * One filter's work.
   *
   * @param kept what it left of the step before
   * @param estimates what it reckoned with; null for most filters
   */
  public record Filtered(
      String name, String type, Candidates kept, long nanos, @Nullable Estimates estimates) {

    /** One that reckons with no estimates. */
    public Filtered(String name, String type, Candidates kept, long nanos) {
      this(name, type, kept, nanos, null);
    }
  }

  /** Numbers by endpoint, and what they are. */
  public record Estimates(String estimated, Scores byEndpoint) {}

  /** One scorer's raw scores, before clamping and weighing. */
  public record Scored(String name, String type, double weight, Scores scores, long nanos) {}

  /** The picker's choice. */
  public record Picked(String name, String type, Candidates picks, long nanos) {}
}
