package ai.llmd.epp.domain.facts;

import org.jspecify.annotations.Nullable;

/**
 * How long endpoints took to their first tokens lately, as seen from outside, by slot. Data key
 * {@code TTFTPercentilesDataKey/<producer>}. The array is not copied.
 *
 * @param bySlot null where nothing is known
 */
@SuppressWarnings("ArrayRecordComponent") // by slot, filled once and only read
public record ObservedTtft(@Nullable Percentiles[] bySlot) {

  /** The producer that is read when a plugin's parameters name none. */
  public static final String DEFAULT_PRODUCER = "latency-observer-producer-hub";

  /**
   * Of one endpoint. Times are in seconds, 0 where none is known.
   *
   * @param floorSeconds without load; 0 while there are too few observations
   * @param windowFloorSeconds the fast end of the recent ones
   * @param lowSeconds at little load
   * @param typicalSeconds at the usual load
   * @param inFlightAtLow requests in flight when the low time was seen
   * @param inFlightAtTypical requests in flight when the typical time was seen
   * @param recentRequests recent observations
   * @param observations all observations ever
   * @param calibrationThreshold observations from which on an endpoint counts as known
   */
  public record Percentiles(
      double floorSeconds,
      double windowFloorSeconds,
      double lowSeconds,
      double typicalSeconds,
      double inFlightAtLow,
      double inFlightAtTypical,
      int recentRequests,
      long observations,
      int calibrationThreshold) {

    /** Of an endpoint that has never answered. */
    public static Percentiles unknown(int calibrationThreshold) {
      return new Percentiles(0, 0, 0, 0, 0, 0, 0, 0, calibrationThreshold);
    }

    /** Whether there is a time without load. */
    public boolean isCalibrated() {
      return floorSeconds > 0;
    }
  }

  public static FactKey<ObservedTtft> key(String producer) {
    return new FactKey<>("TTFTPercentilesDataKey", producer, ObservedTtft.class);
  }

  /** The key that a parameter names; an empty name means the default producer. */
  public static FactKey<ObservedTtft> keyOrDefault(String producer) {
    return key(producer.isEmpty() ? DEFAULT_PRODUCER : producer);
  }

  /** Null where nothing is known. */
  public @Nullable Percentiles at(int slot) {
    return slot < bySlot.length ? bySlot[slot] : null;
  }
}
