package ai.llmd.epp.adapter.kvevents.stream;

import ai.llmd.epp.adapter.kvevents.EngineType;
import ai.llmd.epp.adapter.kvevents.KvEventDecoder;
import ai.llmd.epp.adapter.kvevents.MalformedPayloadException;
import ai.llmd.epp.domain.kvcache.KvEvent;
import ai.llmd.epp.domain.kvcache.KvEventApplier;
import java.util.function.ToIntFunction;

/** Writes what publishers tell to an index. Belongs to the subscriber's thread. */
public final class IndexSink implements EventSink {

  private final KvEventDecoder decoder;
  private final KvEventApplier applier;
  private final KvEvent clearing = new KvEvent();
  private final ToIntFunction<String> slots;
  private boolean isCleared;
  private boolean isWhole;

  /**
   * @param slots the slot of an endpoint by address and port; negative when there is none, whose
   *     messages are passed over
   */
  public IndexSink(EngineType engine, KvEventApplier applier, ToIntFunction<String> slots) {
    this.decoder = new KvEventDecoder(engine);
    this.applier = applier;
    this.slots = slots;
  }

  @Override
  public boolean knows(String endpoint) {
    return slots.applyAsInt(endpoint) >= 0;
  }

  @Override
  public Applied message(String endpoint, String model, byte[] payload) {
    int slot = slots.applyAsInt(endpoint);
    if (slot < 0) {
      return Applied.IN_PART;
    }
    isCleared = false;
    isWhole = true;
    try {
      KvEventDecoder.Result result =
          decoder.decode(
              payload,
              event -> {
                isCleared |= event.kind() == KvEvent.Kind.CLEARED;
                isWhole &= applier.apply(event, slot, model) != KvEventApplier.Outcome.INDEX_FULL;
              });
      isWhole &= result.refused() == 0;
    } catch (MalformedPayloadException e) {
      return Applied.IN_PART;
    }
    if (!isWhole) {
      return Applied.IN_PART;
    }
    return isCleared ? Applied.CLEARED : Applied.WHOLE;
  }

  @Override
  public void clear(String endpoint) {
    int slot = slots.applyAsInt(endpoint);
    if (slot >= 0) {
      applier.apply(clearing, slot, "");
    }
  }

  @Override
  public void forget(String endpoint) {
    int slot = slots.applyAsInt(endpoint);
    if (slot >= 0) {
      applier.forget(slot);
    }
  }
}
