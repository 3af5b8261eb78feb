package ai.llmd.epp.domain.facts;

/**
 * Work that was sent to each endpoint and has not come back, by slot; 0 where nothing is known.
 *
 * <p>Data key {@code InFlightLoadDataKey/<producer>}. Arrays are not copied.
 *
 * @param requests requests in flight
 * @param tokens estimated tokens in flight
 */
@SuppressWarnings("ArrayRecordComponent") // by slot, filled once and only read
public record InFlightLoad(long[] requests, long[] tokens) {

  /** The producer that is read when a plugin's parameters name none. */
  public static final String DEFAULT_PRODUCER = "inflight-load-producer";

  public static FactKey<InFlightLoad> key(String producer) {
    return new FactKey<>("InFlightLoadDataKey", producer, InFlightLoad.class);
  }

  /** The key that a parameter names; an empty name means the default producer. */
  public static FactKey<InFlightLoad> keyOrDefault(String producer) {
    return key(producer.isEmpty() ? DEFAULT_PRODUCER : producer);
  }

  public long requests(int slot) {
    return slot < requests.length ? requests[slot] : 0;
  }

  public long tokens(int slot) {
    return slot < tokens.length ? tokens[slot] : 0;
  }
}
