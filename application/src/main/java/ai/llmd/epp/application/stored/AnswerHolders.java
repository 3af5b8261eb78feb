package ai.llmd.epp.application.stored;

import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.request.StoredAnswers;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.scheduling.filter.RoleFilter;
import ai.llmd.epp.domain.state.SessionDirectory;
import ai.llmd.epp.domain.state.SharedState;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Knows which endpoints keep which answers in their memory: a server that stores a response or a
 * conversation is the only one that can go on with it. Ids are kept as hashes, as many as sessions,
 * for a day after their last use, and shared with the other replicas. Any thread.
 */
public final class AnswerHolders {

  /** How long an id is known after its last use. */
  static final Duration UNUSED = Duration.ofDays(1);

  private static final int MAX_ID_LENGTH = 512;

  private final SharedState state;
  private final LongSupplier nanoClock;

  /**
   * @param state where it is remembered
   * @param nanoClock as {@link System#nanoTime()}
   */
  public AnswerHolders(SharedState state, LongSupplier nanoClock) {
    this.state = state;
    this.nanoClock = nanoClock;
  }

  /** The candidate that keeps what a request refers to; null when none is known to. */
  public @Nullable Candidate holder(Candidates candidates, StoredAnswers stored) {
    if (!isUsable(stored.reference())) {
      return null;
    }
    EndpointId known =
        state
            .storedAnswers()
            .endpointOf(stored.reference(), nanoClock.getAsLong(), UNUSED.toNanos());
    if (known != null) {
      for (int i = 0; i < candidates.size(); i++) {
        if (candidates.get(i).endpoint().id().equals(known)) {
          return candidates.get(i);
        }
      }
    }
    return null;
  }

  /**
   * The candidates without those that might answer in the holder's place. Those that do not answer
   * clients by their role stay, so that a prompt may be computed elsewhere.
   */
  public static Candidates around(Candidate holder, Candidates candidates) {
    Candidates answering = RoleFilter.decoding(candidates);
    boolean[] isAnswering = new boolean[candidates.slotCount()];
    answering.forEach(candidate -> isAnswering[candidate.slot()] = true);
    return candidates.where(
        candidate -> candidate.slot() == holder.slot() || !isAnswering[candidate.slot()]);
  }

  /**
   * Learns from a response which endpoint keeps it.
   *
   * @param picked where the request goes
   * @return null when the request has nothing to do with stored answers
   */
  public @Nullable ResponseObserver follow(StoredAnswers stored, Candidate picked) {
    boolean isOfInterest = stored.isKept() || isUsable(stored.reference());
    return isOfInterest ? new FollowedAnswer(this, stored.reference(), picked.endpoint()) : null;
  }

  void learn(String id, EndpointId endpoint) {
    if (isUsable(id)) {
      long now = nanoClock.getAsLong();
      SessionDirectory directory = state.storedAnswers();
      directory.sweepSome(now, UNUSED.toNanos());
      directory.bind(id, endpoint, now);
    }
  }

  private static boolean isUsable(String id) {
    return !id.isEmpty() && id.length() <= MAX_ID_LENGTH;
  }
}
