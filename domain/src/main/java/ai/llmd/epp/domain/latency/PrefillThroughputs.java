package ai.llmd.epp.domain.latency;

import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.EndpointId;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Learns how many prompt tokens each endpoint computes per second, from the time to the first token
 * and the tokens that had to be computed for it: those of the request that the endpoint had not
 * cached, and those sent before that had not been computed ({@link ForgettingRegression}). An
 * endpoint that was not observed yet is taken for one like all others. As many models as there are
 * slots; reading takes no lock, learning one for some microseconds. Any thread.
 */
public final class PrefillThroughputs {

  /** Before as many, what was given is taken for true. */
  static final int MIN_OBSERVATIONS = 10;

  private static final double MIN_TOKENS_PER_SECOND = 1;
  private static final double MAX_TOKENS_PER_SECOND = 1e8;
  private static final double THOUSAND = 1_000;
  private static final double MILLIS = 1e6; // per thousand tokens, of one token per second
  private static final double FLOOR_MILLIS = 1;
  private static final double OVERHEAD_VARIANCE = 2_500; // of 50 ms
  private static final double DOUBT = 4; // by how much what is given may be wrong

  private final double given;
  private final Model all;

  // elements change under this object's lock and are published by writing the field
  private volatile @Nullable Own[] bySlot = new Own[0];

  /** One endpoint's model, or that of all. */
  private static final class Model {

    private final ForgettingRegression regression;
    private volatile int observations;

    Model(ForgettingRegression regression, int observations) {
      this.regression = regression;
      this.observations = observations;
    }

    synchronized void learn(double[] features, double millis) {
      regression.learn(features, millis);
      observations++;
    }

    synchronized Model offspring() {
      return new Model(regression.offspring(), observations);
    }

    boolean isReady() {
      return observations >= MIN_OBSERVATIONS;
    }

    double tokensPerSecond() {
      double millisPerThousand = regression.weights()[1];
      double perSecond = MILLIS / Math.max(millisPerThousand, 1e-9);
      return Math.clamp(perSecond, MIN_TOKENS_PER_SECOND, MAX_TOKENS_PER_SECOND);
    }
  }

  private record Own(EndpointId endpoint, Model model) {}

  /**
   * @param given tokens per second to begin with, above 0; it may be wrong
   */
  public PrefillThroughputs(double given) {
    this.given = given;
    double millis = MILLIS / given;
    double variance = DOUBT * millis * DOUBT * millis;
    double[] prior = {OVERHEAD_VARIANCE, variance, variance};
    double[] weights = {0, millis, millis};
    this.all = new Model(ForgettingRegression.from(prior, FLOOR_MILLIS, weights), 0);
  }

  /** Prompt tokens that an endpoint computes per second; above 0. */
  public double tokensPerSecond(Candidate candidate) {
    Own own = own(candidate);
    if (own != null && own.model().isReady()) {
      return own.model().tokensPerSecond();
    }
    return all.isReady() ? all.tokensPerSecond() : given;
  }

  private @Nullable Own own(Candidate candidate) {
    @Nullable Own[] current = bySlot;
    Own own = candidate.slot() < current.length ? current[candidate.slot()] : null;
    return own != null && own.endpoint().equals(candidate.endpoint().id()) ? own : null;
  }

  /**
   * A first token came after this time.
   *
   * @param candidate the endpoint that computed the prompt
   * @param uncached tokens of the request that it had not cached
   * @param ahead tokens sent to it before that it had not computed by then
   */
  public void learn(Candidate candidate, long uncached, long ahead, double millis) {
    double[] features = {1, uncached / THOUSAND, ahead / THOUSAND};
    all.learn(features, millis);
    Own own = own(candidate);
    (own == null ? begun(candidate) : own).model().learn(features, millis);
  }

  /** Takes the place of whichever endpoint had the slot before. */
  private synchronized Own begun(Candidate candidate) {
    Own known = own(candidate);
    if (known != null) {
      return known;
    }
    int slot = candidate.slot();
    @Nullable Own[] current = bySlot;
    if (slot >= current.length) {
      current = Arrays.copyOf(current, Math.max(slot + 1, 2 * current.length));
    }
    Own begun = new Own(candidate.endpoint().id(), all.offspring());
    current[slot] = begun;
    bySlot = current;
    return begun;
  }
}
