package ai.llmd.epp.application;

import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.scheduling.ProfileEvidence;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One run of a profile as it is remembered. Of a large pool only {@value #MAX_ROWS} candidates are
 * kept, the pick and those with the highest totals; the counts show what is missing.
 *
 * @param candidates endpoints that the profile started with
 * @param rows the candidates kept; arrays of numbers follow their order
 * @param totals weighted sums by row, NaN where a filter had dropped the candidate
 * @param pick null when no candidate reached the picker
 */
@SuppressWarnings("ArrayRecordComponent") // numbers by row, written once and only read
public record ProfileRecord(
    String profile,
    int candidates,
    List<Row> rows,
    List<Filtered> filters,
    List<Scored> scorers,
    double[] totals,
    @Nullable Picked pick) {

  /** Most candidates kept of one run, and most names kept of what one filter dropped. */
  public static final int MAX_ROWS = 32;

  private static final int OWN_BYTES = 128;
  private static final int ROW_BYTES = 144;
  private static final int STEP_BYTES = 72;

  /**
   * A candidate with its load at the time.
   *
   * @param sampleAgeNanos how old the load sample was; -1 when there was none
   * @param reported which values of the load were known; the others were not used
   * @param readAt when each value was last read, on the clock of {@code recordedAtNanos}
   */
  public record Row(
      Endpoint endpoint,
      int waitingRequests,
      int runningRequests,
      double kvCacheUtilization,
      long sampleAgeNanos,
      EndpointLoad.Reported reported,
      EndpointLoad.ReadTimes readAt,
      long recordedAtNanos) {

    static Row of(Candidate candidate, long nowNanos) {
      EndpointLoad load = candidate.load();
      return new Row(
          candidate.endpoint(),
          load.waitingRequests(),
          load.runningRequests(),
          load.kvCacheUtilization(),
          load.isSampled() ? Math.max(0, nowNanos - load.sampledAtNanos()) : -1,
          load.reported(),
          load.readAt(),
          nowNanos);
    }

    /** How old what was read at a time was, in nanoseconds; -1 when it never was. */
    public long age(long readAtNanos) {
      return readAtNanos == EndpointLoad.ReadTimes.NEVER
          ? -1
          : Math.max(0, recordedAtNanos - readAtNanos);
    }
  }

  /**
   * One filter's work.
   *
   * @param kept number of candidates that it left
   * @param droppedCount number of candidates that it dropped
   * @param dropped some of them, at most {@value #MAX_ROWS}
   * @param estimates what it reckoned with; null for most filters
   */
  public record Filtered(
      String name,
      String type,
      long nanos,
      int kept,
      int droppedCount,
      List<Endpoint> dropped,
      @Nullable Estimates estimates) {}

  /** Numbers by row, NaN where there was none, and what they are. */
  @SuppressWarnings("ArrayRecordComponent") // numbers by row, written once and only read
  public record Estimates(String estimated, double[] values) {}

  /** One scorer's raw scores by row, NaN where it gave none. */
  @SuppressWarnings("ArrayRecordComponent") // numbers by row, written once and only read
  public record Scored(String name, String type, double weight, long nanos, double[] raw) {}

  /** The picker's choice, first choice first. */
  public record Picked(String name, String type, long nanos, List<Endpoint> picks) {}

  static ProfileRecord of(ProfileEvidence evidence, long nowNanos) {
    int picked = evidence.pick() == null ? -1 : evidence.pick().picks().get(0).slot();
    Candidates kept = TopCandidates.of(evidence.candidates(), evidence.totals(), picked, MAX_ROWS);
    List<Row> rows = new ArrayList<>(kept.size());
    for (Candidate candidate : kept) {
      rows.add(Row.of(candidate, nowNanos));
    }
    List<Scored> scorers = new ArrayList<>(evidence.scorers().size());
    for (ProfileEvidence.Scored scored : evidence.scorers()) {
      scorers.add(
          new Scored(
              scored.name(),
              scored.type(),
              scored.weight(),
              scored.nanos(),
              byRow(kept, scored.scores())));
    }
    return new ProfileRecord(
        evidence.profile(),
        evidence.candidates().size(),
        rows,
        filters(evidence, kept),
        scorers,
        evidence.totals() == null ? new double[0] : byRow(kept, evidence.totals()),
        evidence.pick() == null ? null : picked(evidence.pick()));
  }

  /** Whether a candidate is the picker's first choice. */
  public boolean isPicked(Row candidate) {
    return pick != null && pick.picks().getFirst().id().equals(candidate.endpoint().id());
  }

  /** Memory that the record holds, estimated from above, in bytes. */
  long bytes() {
    long bytes = OWN_BYTES + (long) rows.size() * (ROW_BYTES + 8L * (scorers.size() + 1));
    bytes += (long) STEP_BYTES * (filters.size() + scorers.size() + 1);
    for (Filtered filter : filters) {
      bytes += 8L * filter.dropped().size();
      bytes += filter.estimates() == null ? 0 : 8L * rows.size();
    }
    return bytes + (pick == null ? 0 : 8L * pick.picks().size());
  }

  private static double[] byRow(Candidates rows, Scores scores) {
    double[] values = new double[rows.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = scores.at(rows.get(i).slot());
    }
    return values;
  }

  private static List<Filtered> filters(ProfileEvidence evidence, Candidates rows) {
    List<Filtered> filters = new ArrayList<>(evidence.filters().size());
    Candidates before = evidence.candidates();
    for (ProfileEvidence.Filtered filter : evidence.filters()) {
      Candidates kept = filter.kept();
      filters.add(
          new Filtered(
              filter.name(),
              filter.type(),
              filter.nanos(),
              kept.size(),
              before.size() - kept.size(),
              dropped(before, kept),
              estimates(filter.estimates(), rows)));
      before = kept;
    }
    return filters;
  }

  private static @Nullable Estimates estimates(
      ProfileEvidence.@Nullable Estimates estimates, Candidates rows) {
    return estimates == null
        ? null
        : new Estimates(estimates.estimated(), byRow(rows, estimates.byEndpoint()));
  }

  private static List<Endpoint> dropped(Candidates before, Candidates kept) {
    if (kept.size() == before.size()) {
      return List.of();
    }
    boolean[] isKept = new boolean[before.slotCount()];
    for (Candidate candidate : kept) {
      isKept[candidate.slot()] = true;
    }
    List<Endpoint> dropped = new ArrayList<>();
    for (int i = 0; i < before.size() && dropped.size() < MAX_ROWS; i++) {
      if (!isKept[before.get(i).slot()]) {
        dropped.add(before.get(i).endpoint());
      }
    }
    return dropped;
  }

  private static Picked picked(ProfileEvidence.Picked pick) {
    List<Endpoint> picks = new ArrayList<>(Math.min(MAX_ROWS, pick.picks().size()));
    for (int i = 0; i < pick.picks().size() && i < MAX_ROWS; i++) {
      picks.add(pick.picks().get(i).endpoint());
    }
    return new Picked(pick.name(), pick.type(), pick.nanos(), picks);
  }
}
