package ai.llmd.epp.domain.pool;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What one model server reported about itself at one instant.
 *
 * <p>A later sample replaces the whole value, so its components always belong together. The values
 * are as reported: a broken server may send a huge one, and every reader copes. What a server has
 * never reported is not zero: {@link #reported} shows it, and the value itself is 0 or empty.
 *
 * @param waitingRequests requests queued inside the server; {@code vllm:num_requests_waiting}
 * @param runningRequests requests being executed; {@code vllm:num_requests_running}
 * @param kvCacheUtilization share of KV-cache blocks in use, meant to be within {@code [0, 1]};
 *     {@code vllm:kv_cache_usage_perc}
 * @param activeAdapters LoRA adapters that are loaded; {@code vllm:lora_requests_info}
 * @param waitingAdapters LoRA adapters that wait to be loaded
 * @param maxActiveAdapters LoRA adapters that may be loaded at once
 * @param cacheBlockTokens tokens of one KV-cache block, 0 when unknown
 * @param cacheBlocks KV-cache blocks of the server, 0 when unknown
 * @param attributes further numbers, by attribute key {@code <name>/<extractor>}
 * @param sampledAtNanos {@link System#nanoTime()} at the moment the sample arrived; meaningless
 *     when {@link #isSampled()} is false
 * @param isSampled false until the first sample arrived
 * @param reported which values are known: those that the server has reported once or more, without
 *     those that have grown too old since ({@link Freshness}) or are doubted. A value that is known
 *     no more stays as it was last, and is not to be used
 * @param readAt when each value was last read
 */
public record EndpointLoad(
    int waitingRequests,
    int runningRequests,
    double kvCacheUtilization,
    Set<String> activeAdapters,
    Set<String> waitingAdapters,
    int maxActiveAdapters,
    int cacheBlockTokens,
    int cacheBlocks,
    Map<String, Double> attributes,
    long sampledAtNanos,
    boolean isSampled,
    Reported reported,
    ReadTimes readAt) {

  /** Nothing is known yet. */
  public static final EndpointLoad UNSAMPLED = unsampled(Reported.NOTHING);

  /** Nothing is known yet, and counts as the load of an idle server, as in the reference. */
  public static final EndpointLoad UNSAMPLED_AS_ZERO = unsampled(Reported.EVERYTHING);

  /**
   * Which values of a server are known.
   *
   * @param adapters the three values about LoRA adapters, which are reported together
   */
  public record Reported(
      boolean waitingRequests,
      boolean runningRequests,
      boolean kvCacheUtilization,
      boolean adapters) {

    public static final Reported NOTHING = new Reported(false, false, false, false);
    public static final Reported EVERYTHING = new Reported(true, true, true, true);

    /** What either has; one of the two themselves when that has all of it. */
    public Reported and(Reported more) {
      Reported both =
          new Reported(
              waitingRequests || more.waitingRequests,
              runningRequests || more.runningRequests,
              kvCacheUtilization || more.kvCacheUtilization,
              adapters || more.adapters);
      return both.equals(this) ? this : both;
    }
  }

  /**
   * When each value was last read, on the clock of the samples; {@link #NEVER} for one that never
   * was.
   *
   * @param adapters the three values about LoRA adapters, which are reported together
   * @param missingAttributes of the attributes that the last sample lacked, when each was last read
   * @param oldest the earliest time of all values that are known; {@link #NOTHING_AGES} for none
   */
  public record ReadTimes(
      long waitingRequests,
      long runningRequests,
      long kvCacheUtilization,
      long adapters,
      Map<String, Long> missingAttributes,
      long oldest) {

    /** Instead of a time. */
    public static final long NEVER = Long.MIN_VALUE;

    /** Instead of the earliest time, when there is none. */
    public static final long NOTHING_AGES = Long.MAX_VALUE;

    /** Nothing was ever read. */
    public static final ReadTimes NONE =
        new ReadTimes(NEVER, NEVER, NEVER, NEVER, Map.of(), NOTHING_AGES);

    public ReadTimes {
      missingAttributes = Map.copyOf(missingAttributes);
    }

    /** The times of values, some of which are known. */
    public static ReadTimes of(
        long waitingRequests,
        long runningRequests,
        long kvCacheUtilization,
        long adapters,
        Map<String, Long> missingAttributes,
        Reported known) {
      long oldest = NOTHING_AGES;
      oldest = known.waitingRequests ? earlier(oldest, waitingRequests) : oldest;
      oldest = known.runningRequests ? earlier(oldest, runningRequests) : oldest;
      oldest = known.kvCacheUtilization ? earlier(oldest, kvCacheUtilization) : oldest;
      oldest = known.adapters ? earlier(oldest, adapters) : oldest;
      for (long time : missingAttributes.values()) {
        oldest = earlier(oldest, time);
      }
      return new ReadTimes(
          waitingRequests,
          runningRequests,
          kvCacheUtilization,
          adapters,
          missingAttributes,
          oldest);
    }

    /** All that is known was read at the same time. */
    static ReadTimes allAt(long time, Reported known) {
      return of(
          known.waitingRequests ? time : NEVER,
          known.runningRequests ? time : NEVER,
          known.kvCacheUtilization ? time : NEVER,
          known.adapters ? time : NEVER,
          Map.of(),
          known);
    }

    private static long earlier(long one, long other) {
      if (other == NEVER) {
        return one;
      }
      return one == NOTHING_AGES || other - one < 0 ? other : one;
    }

    private ReadTimes ageingFrom(long time) {
      return new ReadTimes(
          waitingRequests, runningRequests, kvCacheUtilization, adapters, missingAttributes, time);
    }

    private ReadTimes withKnown(Reported known, Map<String, Long> missing) {
      return of(waitingRequests, runningRequests, kvCacheUtilization, adapters, missing, known);
    }
  }

  /** A load that was read at one time. */
  public EndpointLoad(
      int waitingRequests,
      int runningRequests,
      double kvCacheUtilization,
      Set<String> activeAdapters,
      Set<String> waitingAdapters,
      int maxActiveAdapters,
      int cacheBlockTokens,
      int cacheBlocks,
      Map<String, Double> attributes,
      long sampledAtNanos,
      boolean isSampled,
      Reported reported) {
    this(
        waitingRequests,
        runningRequests,
        kvCacheUtilization,
        activeAdapters,
        waitingAdapters,
        maxActiveAdapters,
        cacheBlockTokens,
        cacheBlocks,
        attributes,
        sampledAtNanos,
        isSampled,
        reported,
        isSampled ? ReadTimes.allAt(sampledAtNanos, reported) : ReadTimes.NONE);
  }

  /** A load of which every value was reported. */
  public EndpointLoad(
      int waitingRequests,
      int runningRequests,
      double kvCacheUtilization,
      Set<String> activeAdapters,
      Set<String> waitingAdapters,
      int maxActiveAdapters,
      int cacheBlockTokens,
      int cacheBlocks,
      Map<String, Double> attributes,
      long sampledAtNanos,
      boolean isSampled) {
    this(
        waitingRequests,
        runningRequests,
        kvCacheUtilization,
        activeAdapters,
        waitingAdapters,
        maxActiveAdapters,
        cacheBlockTokens,
        cacheBlocks,
        attributes,
        sampledAtNanos,
        isSampled,
        Reported.EVERYTHING);
  }

  private static EndpointLoad unsampled(Reported reported) {
    return new EndpointLoad(0, 0, 0, Set.of(), Set.of(), 0, 0, 0, Map.of(), 0, false, reported);
  }

  public EndpointLoad {
    activeAdapters = Set.copyOf(activeAdapters);
    waitingAdapters = Set.copyOf(waitingAdapters);
    attributes = Map.copyOf(attributes);
    if (readAt.oldest == ReadTimes.NOTHING_AGES && !attributes.isEmpty()) {
      readAt = readAt.ageingFrom(sampledAtNanos);
    }
  }

  /**
   * The same without what was read before a time; this very load when all was read since.
   *
   * @param limitNanos on the clock of the samples
   */
  EndpointLoad withoutOlderThan(long limitNanos) {
    if (isSince(readAt.oldest, limitNanos)) {
      return this;
    }
    Reported known =
        new Reported(
            reported.waitingRequests && isSince(readAt.waitingRequests, limitNanos),
            reported.runningRequests && isSince(readAt.runningRequests, limitNanos),
            reported.kvCacheUtilization && isSince(readAt.kvCacheUtilization, limitNanos),
            reported.adapters && isSince(readAt.adapters, limitNanos));
    Map<String, Double> left = new HashMap<>(attributes);
    Map<String, Long> missing = new HashMap<>(readAt.missingAttributes);
    if (!isSince(sampledAtNanos, limitNanos)) {
      left.clear();
      missing.clear();
    }
    missing
        .entrySet()
        .removeIf(
            entry -> {
              boolean isOld = !isSince(entry.getValue(), limitNanos);
              if (isOld) {
                left.remove(entry.getKey());
              }
              return isOld;
            });
    return with(known, left, readAt.withKnown(known, missing));
  }

  private static boolean isSince(long time, long limitNanos) {
    return time == ReadTimes.NOTHING_AGES || time - limitNanos >= 0;
  }

  /** The same without its figures of load, which cannot be right. */
  EndpointLoad doubted() {
    Reported known = new Reported(false, false, false, reported.adapters);
    return known.equals(reported)
        ? this
        : with(known, attributes, readAt.withKnown(known, readAt.missingAttributes));
  }

  /** The same, with whatever the last sample had. */
  EndpointLoad believed() {
    Reported known =
        reported.and(
            new Reported(
                readAt.waitingRequests == sampledAtNanos,
                readAt.runningRequests == sampledAtNanos,
                readAt.kvCacheUtilization == sampledAtNanos,
                readAt.adapters == sampledAtNanos));
    return with(known, attributes, readAt.withKnown(known, readAt.missingAttributes));
  }

  private EndpointLoad with(Reported known, Map<String, Double> left, ReadTimes times) {
    return new EndpointLoad(
        waitingRequests,
        runningRequests,
        kvCacheUtilization,
        activeAdapters,
        waitingAdapters,
        maxActiveAdapters,
        cacheBlockTokens,
        cacheBlocks,
        left,
        sampledAtNanos,
        isSampled,
        known,
        times);
  }
}
