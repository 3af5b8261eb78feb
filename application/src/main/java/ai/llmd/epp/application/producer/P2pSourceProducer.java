package ai.llmd.epp.application.producer;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.ProfileResult;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Names to the endpoint that computes a prompt another one from which it may fetch the prompt's KV
 * cache, in header {@value #HEADER}.
 *
 * <p>The source is one of the endpoints that hold most of the prompt, within one block; the shorter
 * an endpoint's queue, the likelier it is. The choice depends on the request's id alone, so that a
 * repeated request fetches from the same one. It is named only if it holds enough more than the
 * computing endpoint does. A header of this name that a client sent is taken away.
 *
 * <p>Of the source counts what lies in the memory of its host, where the matches tell tiers apart;
 * of the computing endpoint whatever it holds.
 */
public final class P2pSourceProducer implements Producer, PreRequest {

  static final String HEADER = "x-kv-cache-source-host-port";

  private static final String TYPE_NAME = "p2p-source-producer";

  public static final PluginType<Parameters> TYPE =
      PluginType.withContext(
              TYPE_NAME,
              new Parameters("", 1, ApproxPrefixCacheProducer.PREFILL_PROFILE),
              (parameters, context) -> new P2pSourceProducer(context.name(), parameters))
          .alpha();

  private static final int FNV_OFFSET = 0x811c9dc5;
  private static final int FNV_PRIME = 0x01000193;
  private static final double TWO_TO_THE_32 = 0x1p32;

  /**
   * When fetching is worth it.
   *
   * @param prefixMatchInfoProducerName whose matches show what is cached; empty is the default one
   * @param minCachedTokenDelta tokens that the source must hold beyond the computing endpoint, 1 or
   *     more
   * @param prefillProfileName profile whose first pick computes the prompt; without its result the
   *     primary profile's does
   */
  public record Parameters(
      String prefixMatchInfoProducerName, int minCachedTokenDelta, String prefillProfileName) {

    public Parameters {
      if (minCachedTokenDelta < 1) {
        throw new IllegalArgumentException(
            "minCachedTokenDelta must be 1 or more, was " + minCachedTokenDelta);
      }
    }
  }

  /**
   * Where the cache may be fetched.
   *
   * @param cachedTokens tokens of the prompt that it holds
   */
  private record Source(String hostPort, long cachedTokens) {}

  private final Parameters parameters;
  private final FactKey<PrefixMatches> matchesKey;
  private final FactKey<Source> sourceKey;

  /**
   * @param name instance name, under which the fact is put
   */
  public P2pSourceProducer(String name, Parameters parameters) {
    this.parameters = parameters;
    this.matchesKey = PrefixMatches.keyOrDefault(parameters.prefixMatchInfoProducerName());
    this.sourceKey = new FactKey<>("P2pSource", name, Source.class);
  }

  @Override
  public Set<FactKey<?>> requires() {
    return Set.of(matchesKey);
  }

  @Override
  public Produced produce(SchedulingCycle cycle) {
    PrefixMatches matches = cycle.facts().get(matchesKey);
    if (matches == null) {
      return Produced.NOW;
    }
    Candidate best = choose(cycle.candidates(), matches, share(cycle.request().requestId()));
    if (best != null) {
      cycle
          .facts()
          .put(
              sourceKey,
              new Source(best.endpoint().hostPort(), fetchableTokens(matches, best.slot())));
    }
    return Produced.NOW;
  }

  /**
   * Walks the weights up to this share of their sum.
   *
   * @param share 0 or more, below 1
   * @return null when no endpoint holds anything
   */
  private static @Nullable Candidate choose(
      Candidates candidates, PrefixMatches matches, double share) {
    long most = 0;
    for (int i = 0; i < candidates.size(); i++) {
      most = Math.max(most, fetchableTokens(matches, candidates.get(i).slot()));
    }
    double weights = 0;
    for (int i = 0; i < candidates.size(); i++) {
      weights += weight(candidates.get(i), matches, most);
    }
    double rest = share * weights;
    Candidate last = null;
    for (int i = 0; i < candidates.size(); i++) {
      double weight = weight(candidates.get(i), matches, most);
      if (weight > 0) {
        last = candidates.get(i);
        if (rest < weight) {
          return last;
        }
        rest -= weight;
      }
    }
    return last;
  }

  /** 0 for an endpoint that holds nothing, or a block less than the most. */
  private static double weight(Candidate candidate, PrefixMatches matches, long most) {
    long cached = fetchableTokens(matches, candidate.slot());
    boolean isAmongTheBest = cached > 0 && cached + matches.blockTokens(candidate.slot()) >= most;
    return isAmongTheBest ? 1.0 / (1 + Math.max(0, candidate.load().waitingRequests())) : 0;
  }

  private static long fetchableTokens(PrefixMatches matches, int slot) {
    return (long) matches.fetchableBlocks(slot) * matches.blockTokens(slot);
  }

  private static long cachedTokens(PrefixMatches matches, int slot) {
    return (long) matches.cachedBlocks(slot) * matches.blockTokens(slot);
  }

  /** FNV-1a of 32 bits, as a share of all there are. */
  private static double share(String requestId) {
    int hash = FNV_OFFSET;
    for (byte octet : requestId.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (octet & 0xff)) * FNV_PRIME;
    }
    return Integer.toUnsignedLong(hash) / TWO_TO_THE_32;
  }

  @Override
  public @Nullable ResponseObserver onRouted(RoutedRequest routed) {
    routed.headers().remove(HEADER);
    Source source = routed.facts().get(sourceKey);
    PrefixMatches matches = routed.facts().get(matchesKey);
    if (source != null && matches != null) {
      Candidate computing = computing(routed);
      long gain = source.cachedTokens() - cachedTokens(matches, computing.slot());
      boolean isElsewhere = !source.hostPort().equals(computing.endpoint().hostPort());
      if (isElsewhere && gain >= parameters.minCachedTokenDelta()) {
        routed.headers().set(HEADER, source.hostPort());
      }
    }
    return null;
  }

  private Candidate computing(RoutedRequest routed) {
    ProfileResult prefill =
        routed.results().find(parameters.prefillProfileName()).orElse(routed.primary());
    return prefill.picks().get(0);
  }
}
