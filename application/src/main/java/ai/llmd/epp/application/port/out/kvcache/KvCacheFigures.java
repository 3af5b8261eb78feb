package ai.llmd.epp.application.port.out.kvcache;

import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.kvcache.KvEventCounts;
import java.util.Map;

/** What a producer of exact matches shows of itself. Any thread may ask. */
public interface KvCacheFigures {

  /** What became of the events. */
  KvEventCounts events();

  /** Where they come from. */
  KvFeedFigures feed();

  /** How predictions compare with what endpoints report, by the endpoint's name. */
  default Map<String, KvCacheTruth> truth() {
    return Map.of();
  }

  /** What matches rest on, by the endpoint's name. */
  default Map<String, PrefixMatches.Basis> bases() {
    return Map.of();
  }

  /**
   * What became of the snapshots of endpoints' caches that other replicas handed on: {@code
   * restored}, {@code added}, {@code not_needed}, {@code refused}.
   */
  default Map<String, Long> snapshots() {
    return Map.of();
  }

  /** Bytes of the index. */
  long indexBytes();
}
