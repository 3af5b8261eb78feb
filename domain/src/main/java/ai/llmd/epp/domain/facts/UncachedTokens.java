package ai.llmd.epp.domain.facts;

/**
 * Tokens of this request that an endpoint would have to compute, by slot; 0 where nothing is known.
 *
 * <p>Data key {@code UncachedRequestTokensDataKey/<producer>}. The array is not copied.
 */
@SuppressWarnings("ArrayRecordComponent") // by slot, filled once and only read
public record UncachedTokens(long[] tokens) {

  public static FactKey<UncachedTokens> key(String producer) {
    return new FactKey<>("UncachedRequestTokensDataKey", producer, UncachedTokens.class);
  }

  /** The key that a parameter names; an empty name means the default in-flight producer. */
  public static FactKey<UncachedTokens> keyOrDefault(String producer) {
    return key(producer.isEmpty() ? InFlightLoad.DEFAULT_PRODUCER : producer);
  }

  public long tokens(int slot) {
    return slot < tokens.length ? tokens[slot] : 0;
  }
}
