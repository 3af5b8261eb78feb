package ai.llmd.epp.domain.facts;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which models each endpoint lists, by slot. The array is not copied.
 *
 * @param bySlot null where nothing is known
 */
@SuppressWarnings("ArrayRecordComponent") // by slot, filled once and only read
public record ServedModels(@Nullable List<Model>[] bySlot) {

  /**
   * The type of plugin that finds them; it is also the producer's name, whatever the instance's.
   */
  public static final String PRODUCER = "models-data-extractor";

  public static final FactKey<ServedModels> KEY =
      new FactKey<>("/v1/models", PRODUCER, ServedModels.class);

  /** Nothing is known of any endpoint. */
  @SuppressWarnings({"unchecked", "rawtypes"}) // an array of lists
  public static final ServedModels NONE = new ServedModels(new List[0]);

  /**
   * A model, or an adapter, as OpenAI's API lists it. Texts are empty and the time is 0 where the
   * list has none.
   *
   * @param id the name that requests ask for
   * @param object kind of the entry, usually {@code model}
   * @param created seconds since 1970
   * @param ownedBy who made it
   * @param parent of an adapter, the model that it adapts
   */
  public record Model(String id, String object, long created, String ownedBy, String parent) {}

  /** Null where nothing is known. */
  public @Nullable List<Model> at(int slot) {
    return slot < bySlot.length ? bySlot[slot] : null;
  }
}
