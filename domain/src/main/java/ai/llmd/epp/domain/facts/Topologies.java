package ai.llmd.epp.domain.facts;

import org.jspecify.annotations.Nullable;

/**
 * Where each endpoint runs, by slot. Data key {@code Topology/<producer>}. The array is not copied.
 *
 * @param bySlot null where nothing is known
 */
@SuppressWarnings("ArrayRecordComponent") // by slot, filled once and only read
public record Topologies(@Nullable Place[] bySlot) {

  /** The producer that is read when a plugin's parameters name none. */
  public static final String DEFAULT_PRODUCER = "topology-extractor";

  /** From the tightest to the widest; each empty when unknown. */
  public record Place(String host, String rack, String zone, String region) {}

  public static FactKey<Topologies> key(String producer) {
    return new FactKey<>("Topology", producer, Topologies.class);
  }

  /** The key that a parameter names; an empty name means the default producer. */
  public static FactKey<Topologies> keyOrDefault(String producer) {
    return key(producer.isEmpty() ? DEFAULT_PRODUCER : producer);
  }

  /** Null where nothing is known. */
  public @Nullable Place at(int slot) {
    return slot < bySlot.length ? bySlot[slot] : null;
  }
}
