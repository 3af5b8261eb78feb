package ai.llmd.epp.domain.scheduling.filter;

import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.facts.InFlightLoad;
import ai.llmd.epp.domain.facts.UncachedTokens;
import ai.llmd.epp.domain.latency.PrefillThroughputs;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.ResponseHead;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.EstimatingFilter;
import ai.llmd.epp.domain.scheduling.ProfileResult;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A {@link PrefixCacheAffinityFilter} that learns how fast each endpoint computes prompts, from the
 * times to the first token that it sees. Only streamed responses show one: others come when all of
 * the answer is there.
 */
final class CalibratedAffinityFilter extends PrefixCacheAffinityFilter
    implements EstimatingFilter, PreRequest {

  private static final String PREFILL = "prefill"; // profile
  private static final double NANOS_PER_MILLI = 1e6;

  private final PrefillThroughputs learned;
  private final LongSupplier nanoClock;
  private final FactKey<InFlightLoad> inFlightKey;
  private final FactKey<UncachedTokens> uncachedKey;

  /**
   * @param nanoClock as {@link System#nanoTime()}
   */
  CalibratedAffinityFilter(
      Parameters parameters, PrefillThroughputs learned, LongSupplier nanoClock) {
    super(parameters, learned::tokensPerSecond);
    this.learned = learned;
    this.nanoClock = nanoClock;
    this.inFlightKey = InFlightLoad.keyOrDefault(parameters.inFlightLoadProducerName());
    this.uncachedKey = UncachedTokens.keyOrDefault(parameters.inFlightLoadProducerName());
  }

  @Override
  public String estimated() {
    return "prefillTokensPerSecond";
  }

  @Override
  public Scores estimates(SchedulingCycle cycle) {
    return Scores.of(cycle, learned::tokensPerSecond);
  }

  @Override
  public @Nullable ResponseObserver onRouted(RoutedRequest routed) {
    Facts facts = routed.facts();
    UncachedTokens uncached = facts.get(uncachedKey);
    InFlightLoad inFlight = facts.get(inFlightKey);
    if (uncached == null || inFlight == null) {
      return null;
    }
    ProfileResult computing = routed.results().find(PREFILL).orElse(routed.primary());
    Candidate candidate = computing.picks().get(0);
    return new Observed(
        candidate, uncached.tokens(candidate.slot()), inFlight.tokens(candidate.slot()));
  }

  /** One request, until its first token. One stream's thread. */
  private final class Observed implements ResponseObserver {

    private final Candidate candidate;
    private final long uncached;
    private final long ahead;
    private final long sentAt = nanoClock.getAsLong();
    private boolean isEventStream;

    Observed(Candidate candidate, long uncached, long ahead) {
      this.candidate = candidate;
      this.uncached = uncached;
      this.ahead = ahead;
    }

    @Override
    public void onHeaders(ResponseHead head) {
      String status = head.header(":status");
      String type = head.header("content-type");
      isEventStream =
          status != null
              && status.startsWith("2")
              && type != null
              && type.toLowerCase(Locale.ROOT).contains("text/event-stream");
    }

    @Override
    public void onFirstBytes() {
      if (isEventStream) {
        double millis = (nanoClock.getAsLong() - sentAt) / NANOS_PER_MILLI;
        learned.learn(candidate, uncached, ahead, millis);
      }
    }
  }
}
