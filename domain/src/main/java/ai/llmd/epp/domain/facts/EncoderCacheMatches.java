package ai.llmd.epp.domain.facts;

import ai.llmd.epp.domain.request.PromptPiece.Modality;
import java.util.List;

/**
 * Which of a request's images, videos and sounds each endpoint has encoded before, by slot.
 *
 * <p>Data key {@code MultiModalEncoderCacheMatchInfoKey/<producer>}.
 *
 * @param items the distinct items of the request
 * @param matchedBySlot those of them that an endpoint holds; may be shorter than the pool
 */
public record EncoderCacheMatches(List<Item> items, List<List<Item>> matchedBySlot) {

  /** The producer that is read when a plugin's parameters name none. */
  public static final String DEFAULT_PRODUCER = "mm-embeddings-cache-producer";

  public EncoderCacheMatches {
    items = List.copyOf(items);
    matchedBySlot = List.copyOf(matchedBySlot);
  }

  /**
   * One item.
   *
   * @param hash identifies the content
   * @param size its weight; 1 when nothing better is known
   */
  public record Item(String hash, int size, Modality modality) {}

  public static FactKey<EncoderCacheMatches> key(String producer) {
    return new FactKey<>("MultiModalEncoderCacheMatchInfoKey", producer, EncoderCacheMatches.class);
  }

  /** The key that a parameter names; an empty name means the default producer. */
  public static FactKey<EncoderCacheMatches> keyOrDefault(String producer) {
    return key(producer.isEmpty() ? DEFAULT_PRODUCER : producer);
  }

  /** Empty where nothing is held or known. */
  public List<Item> matched(int slot) {
    return slot < matchedBySlot.size() ? matchedBySlot.get(slot) : List.of();
  }
}
