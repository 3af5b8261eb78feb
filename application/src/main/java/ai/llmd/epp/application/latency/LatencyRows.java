package ai.llmd.epp.application.latency;

import ai.llmd.epp.domain.facts.EncoderCacheMatches;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.facts.InFlightLoad;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.latency.LatencyRow;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.EndpointLoad;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Puts together what times are predicted from. */
final class LatencyRows {

  private final PredictedLatencyParameters parameters;
  private final FactKey<PrefixMatches> matchesKey;
  private final FactKey<InFlightLoad> loadKey;
  private final FactKey<EncoderCacheMatches> encoderKey;

  LatencyRows(PredictedLatencyParameters parameters) {
    this.parameters = parameters;
    this.matchesKey = PrefixMatches.keyOrDefault(parameters.prefixMatchInfoProducerName());
    this.loadKey = InFlightLoad.keyOrDefault(parameters.inFlightLoadProducerName());
    this.encoderKey =
        EncoderCacheMatches.keyOrDefault(parameters.encoderCacheMatchInfoProducerName());
  }

  Set<FactKey<?>> required() {
    Set<FactKey<?>> keys = new HashSet<>(Set.of(TokenizedPrompt.KEY, matchesKey, loadKey));
    if (parameters.useEncoderCacheFeatures()) {
      keys.add(encoderKey);
    }
    return Set.copyOf(keys);
  }

  /** What one request's facts say of each candidate. */
  final class OfRequest {

    private final @Nullable PrefixMatches matches;
    private final @Nullable InFlightLoad inFlight;
    private final @Nullable EncoderCacheMatches encoder;
    private final long inputTokens;

    OfRequest(Facts facts) {
      TokenizedPrompt prompt = facts.get(TokenizedPrompt.KEY);
      this.inputTokens = prompt == null ? 0 : prompt.totalTokens();
      this.matches = facts.get(matchesKey);
      this.inFlight = facts.get(loadKey);
      this.encoder = parameters.useEncoderCacheFeatures() ? facts.get(encoderKey) : null;
    }

    /**
     * @param computingMillis for how long the endpoint has been computing the first prompt in line
     */
    LatencyRow row(Candidate candidate, double computingMillis) {
      int slot = candidate.slot();
      EndpointLoad load = candidate.load();
      return new LatencyRow(
          Math.clamp(load.kvCacheUtilization(), 0, 1),
          inputTokens,
          Math.max(0, load.waitingRequests()),
          inFlight == null ? load.runningRequests() : inFlight.requests(slot),
          1,
          share(slot),
          encoder == null ? 0 : size(encoder.items()),
          encoder == null ? 0 : size(encoder.matched(slot)),
          role(candidate),
          inFlight == null ? 0 : inFlight.tokens(slot),
          computingMillis);
    }

    private double share(int slot) {
      double total = matches == null ? 0 : matches.totalBlocks(slot);
      return matches == null || total <= 0
          ? 0
          : Math.clamp(matches.matchedBlocks(slot) / total, 0, 1);
    }
  }

  private static int size(List<EncoderCacheMatches.Item> items) {
    return items.stream().mapToInt(EncoderCacheMatches.Item::size).sum();
  }

  /** The endpoint's role; empty when roles are not told apart. */
  String role(Candidate candidate) {
    return parameters.endpointRoleLabel().isEmpty()
        ? ""
        : candidate.endpoint().labels().getOrDefault(parameters.endpointRoleLabel(), "");
  }
}
