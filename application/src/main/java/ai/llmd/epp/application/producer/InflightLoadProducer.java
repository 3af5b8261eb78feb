package ai.llmd.epp.application.producer;

import static ai.llmd.epp.application.producer.ApproxPrefixCacheProducer.PREFILL_PROFILE;

import ai.llmd.epp.application.members.ByMember;
import ai.llmd.epp.application.metrics.EndpointExtractor;
import ai.llmd.epp.application.port.out.InFlightObserver;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.facts.InFlightLoad;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.facts.UncachedTokens;
import ai.llmd.epp.domain.load.LoadLedger;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.ProfileResult;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.state.SharedState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Counts what was sent to each endpoint and has not come back, in requests and estimated tokens,
 * and estimates what this request would add.
 *
 * <p>Prompt tokens that the endpoint has cached do not count. Tokens are taken back with the first
 * bytes of the response, when the prompt has been computed, unless output is estimated too;
 * requests are taken back at the end.
 */
public final class InflightLoadProducer
    implements Producer, PreRequest, BringsSource, EndpointExtractor {

  public static final PluginType<Parameters> TYPE =
      PluginType.withContext(
              InFlightLoad.DEFAULT_PRODUCER,
              Parameters.DEFAULT,
              (parameters, context) ->
                  new InflightLoadProducer(
                      context.name(),
                      parameters,
                      context.service(SharedState.class).ledger(context.name()),
                      context.service(InFlightObserver.class)))
          .producingByDefault(InFlightLoad.key(InFlightLoad.DEFAULT_PRODUCER).toString());

  /** More than any model writes; keeps the counters of many requests far from overflow. */
  private static final long MAX_OUTPUT_TOKENS = 1L << 40;

  /**
   * How a request's work is estimated.
   *
   * @param addEstimatedOutputTokens count output tokens too
   * @param outputRatio output tokens per prompt token, 0 or more
   * @param maxEstimatedOutputTokens bound on the estimated output; null is none
   * @param prefixMatchInfoProducerName whose matches show what is cached; empty is the default one
   * @param syncCrossReplicaState whether replicas add up the counters, where a store is configured
   */
  public record Parameters(
      boolean addEstimatedOutputTokens,
      double outputRatio,
      @Nullable Long maxEstimatedOutputTokens,
      String prefixMatchInfoProducerName,
      boolean syncCrossReplicaState) {

    public static final Parameters DEFAULT = new Parameters(false, 1.5, null, "", true);

    public Parameters {
      if (!(outputRatio >= 0)) { // also refuses NaN
        throw new IllegalArgumentException("outputRatio must be 0 or more, was " + outputRatio);
      }
      if (maxEstimatedOutputTokens != null && maxEstimatedOutputTokens < 0) {
        throw new IllegalArgumentException(
            "maxEstimatedOutputTokens must be 0 or more, was " + maxEstimatedOutputTokens);
      }
    }
  }

  private final String name;
  private final Parameters parameters;
  private final long outputCap;
  private final LoadLedger ledger;
  private final InFlightObserver observer;
  private final FactKey<InFlightLoad> loadKey;
  private final FactKey<UncachedTokens> uncachedKey;
  private final FactKey<PrefixMatches> matchesKey;
  private final ByMember<EndpointState> members = new ByMember<>(Function.identity());

  /**
   * @param name instance name, under which facts are put
   */
  public InflightLoadProducer(
      String name, Parameters parameters, LoadLedger ledger, InFlightObserver observer) {
    this.name = name;
    this.parameters = parameters;
    this.outputCap =
        Math.min(
            MAX_OUTPUT_TOKENS,
            Objects.requireNonNullElse(parameters.maxEstimatedOutputTokens(), Long.MAX_VALUE));
    this.ledger = ledger;
    this.observer = observer;
    this.loadKey = InFlightLoad.key(name);
    this.uncachedKey = UncachedTokens.key(name);
    this.matchesKey = PrefixMatches.keyOrDefault(parameters.prefixMatchInfoProducerName());
    if (parameters.syncCrossReplicaState()) {
      ledger.share();
    }
  }

  @Override
  public String type() {
    return InFlightLoad.DEFAULT_PRODUCER;
  }

  @Override
  public Set<FactKey<?>> requires() {
    return Set.of(TokenizedPrompt.KEY);
  }

  @Override
  public Set<FactKey<?>> uses() {
    return Set.of(matchesKey);
  }

  @Override
  public Set<FactKey<?>> produces() {
    return Set.of(loadKey, uncachedKey);
  }

  @Override
  public Produced produce(SchedulingCycle cycle) {
    Facts facts = cycle.facts();
    Candidates candidates = cycle.candidates();
    long input = inputTokens(facts);
    long output = outputTokens(input, cycle.request().outputTokenCap());
    PrefixMatches matches = facts.get(matchesKey);
    long[] tokens = new long[candidates.slotCount()];
    for (int i = 0; i < candidates.size(); i++) {
      int slot = candidates.get(i).slot();
      tokens[slot] = uncachedTokens(input, matches, slot) + output;
    }
    facts.put(uncachedKey, new UncachedTokens(tokens));
    facts.put(loadKey, ledger.inFlight(candidates.slotCount()));
    return Produced.NOW;
  }

  @Override
  public ResponseObserver onRouted(RoutedRequest routed) {
    long input = inputTokens(routed.facts());
    long output = outputTokens(input, routed.request().outputTokenCap());
    PrefixMatches matches = routed.facts().get(matchesKey);
    RequestLabels labels = RequestLabels.of(routed.request());
    var bookings = new Bookings(!parameters.addEstimatedOutputTokens());
    for (String profile : routed.results().profiles()) {
      @Nullable ProfileResult result = routed.results().find(profile).orElse(null);
      if (result != null) {
        Candidate pick = result.picks().get(0);
        long tokens = uncachedTokens(input, matches, pick.slot()) + output;
        bookings.add(profile, book(pick, tokens, labels));
      }
    }
    return bookings;
  }

  private LoadLedger.@Nullable Entry book(Candidate pick, long tokens, RequestLabels labels) {
    EndpointState member = members.of(pick);
    if (member == null) {
      return null;
    }
    LoadLedger.Entry entry = ledger.open(member.slot(), member.incarnation(), 1, tokens);
    return observer.opened(name, pick.endpoint().id(), labels, tokens, entry);
  }

  private static long inputTokens(Facts facts) {
    TokenizedPrompt prompt = facts.get(TokenizedPrompt.KEY);
    return prompt == null ? 0 : prompt.totalTokens();
  }

  /** Output is estimated from the whole prompt: what is cached is not computed, but still read. */
  private long outputTokens(long input, long clientCap) {
    if (!parameters.addEstimatedOutputTokens() || input <= 0) {
      return 0;
    }
    // neither factor is negative, so rounding half up is rounding half away from zero
    long output = Math.min(Math.round(input * parameters.outputRatio()), outputCap);
    return clientCap >= 0 ? Math.min(output, clientCap) : output;
  }

  /** The blocks that do not match, and what lies behind the last block that was looked at. */
  private static long uncachedTokens(long input, @Nullable PrefixMatches matches, int slot) {
    long blockTokens = matches == null ? 0 : matches.blockTokens(slot);
    if (matches == null || blockTokens <= 0) {
      return input;
    }
    long total = matches.totalBlocks(slot);
    long unmatched = Math.max(0, total - matches.matchedBlocks(slot)) * blockTokens;
    return unmatched + Math.max(0, input - total * blockTokens);
  }

  /**
   * Opens the endpoint's account before its first request, so that closing it always finds one:
   * work that was decided before and comes after is then booked on an account that is not read.
   */
  @Override
  public void added(EndpointState endpoint) {
    ledger.open(endpoint.slot(), endpoint.incarnation(), 0, 0);
    members.add(endpoint);
  }

  @Override
  public void removed(EndpointState endpoint, Runnable released) {
    members.remove(endpoint);
    ledger.forget(endpoint.slot());
    released.run();
  }

  /** What one request put on endpoints. The request's stream calls. */
  private static final class Bookings implements ResponseObserver {

    private final boolean isPromptOnly;
    private final List<LoadLedger.Entry> prefill = new ArrayList<>(1);
    private final List<LoadLedger.Entry> others = new ArrayList<>(1);

    Bookings(boolean isPromptOnly) {
      this.isPromptOnly = isPromptOnly;
    }

    void add(String profile, LoadLedger.@Nullable Entry entry) {
      if (entry != null) {
        (profile.equals(PREFILL_PROFILE) ? prefill : others).add(entry);
      }
    }

    @Override
    public void onFirstBytes() {
      prefill.forEach(LoadLedger.Entry::release);
      if (isPromptOnly) {
        others.forEach(LoadLedger.Entry::releaseTokens);
      }
    }

    @Override
    public Map<String, Map<String, Object>> onEnd(ResponseSummary summary) {
      prefill.forEach(LoadLedger.Entry::release);
      others.forEach(LoadLedger.Entry::release);
      return Map.of();
    }
  }
}
