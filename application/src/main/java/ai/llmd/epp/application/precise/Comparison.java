package ai.llmd.epp.application.precise;

import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.ResponseSummary;
import java.util.Map;

/**
 * Compares what was predicted of a request with what its endpoint reports.
 *
 * @param cached tokens that were predicted to be cached
 * @param tokens of the prompt
 * @param isTemplated whether a chat template makes the prompt
 */
record Comparison(
    CacheKnowledge knowledge,
    CacheKnowledge.Followed endpoint,
    long cached,
    long tokens,
    boolean isTemplated)
    implements ResponseObserver {

  @Override
  public Map<String, Map<String, Object>> onEnd(ResponseSummary summary) {
    if (summary.usage().cachedTokens() >= 0 && summary.usage().promptTokens() > 0) {
      knowledge.compare(endpoint, cached, tokens, isTemplated, summary.usage());
    }
    return Map.of();
  }
}
