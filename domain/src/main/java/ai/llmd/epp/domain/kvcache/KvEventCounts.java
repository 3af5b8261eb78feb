package ai.llmd.epp.domain.kvcache;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What became of the events. Any thread reads. */
public final class KvEventCounts {

  private static final int MAX_LABELS = 64;

  private final LongAdder admitted = new LongAdder();
  private final LongAdder suppressed = new LongAdder();
  private final LongAdder forwarded = new LongAdder();
  private final LongAdder unknownParents = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final Map<Skip, LongAdder> storesSkipped = new ConcurrentHashMap<>();
  private final Map<Skip, LongAdder> removalsSkipped = new ConcurrentHashMap<>();

  /**
   * Why an event about a kind of cache was not applied.
   *
   * @param cacheKind as the model server names it, {@code unknown} when it does not
   */
  public record Skip(String cacheKind, String reason) implements Comparable<Skip> {

    @Override
    public int compareTo(Skip other) {
      int byKind = cacheKind.compareTo(other.cacheKind);
      return byKind != 0 ? byKind : reason.compareTo(other.reason);
    }
  }

  /** Blocks that were stored, each as often as an event named it. */
  public long admitted() {
    return admitted.sum();
  }

  /** Removals that were held back because a block was announced several times. */
  public long suppressed() {
    return suppressed.sum();
  }

  /** Removals that were applied. */
  public long forwarded() {
    return forwarded.sum();
  }

  /** Blocks were stored that continue one which is not known. */
  public long unknownParents() {
    return unknownParents.sum();
  }

  /** Events whose blocks could not all be taken: the index is full. */
  public long refused() {
    return refused.sum();
  }

  /** Stored blocks that were not indexed, by reason. */
  public Map<Skip, Long> storesSkipped() {
    return sums(storesSkipped);
  }

  /** Removals that were not applied, by reason. */
  public Map<Skip, Long> removalsSkipped() {
    return sums(removalsSkipped);
  }

  void admission(int blocks) {
    admitted.add(blocks);
  }

  void removal(boolean isApplied) {
    (isApplied ? forwarded : suppressed).increment();
  }

  void unknownParent() {
    unknownParents.increment();
  }

  void refusal() {
    refused.increment();
  }

  void skipStore(String cacheKind, String reason) {
    count(storesSkipped, cacheKind, reason);
  }

  void skipRemoval(String cacheKind, String reason) {
    count(removalsSkipped, cacheKind, reason);
  }

  private static void count(Map<Skip, LongAdder> counts, String cacheKind, String reason) {
    boolean isNamed = !cacheKind.isEmpty() && counts.size() < MAX_LABELS;
    counts
        .computeIfAbsent(
            new Skip(isNamed ? cacheKind : "unknown", reason), ignored -> new LongAdder())
        .increment();
  }

  private static Map<Skip, Long> sums(Map<Skip, LongAdder> counts) {
    Map<Skip, Long> sums = new TreeMap<>();
    counts.forEach((skip, count) -> sums.put(skip, count.sum()));
    return sums;
  }
}
