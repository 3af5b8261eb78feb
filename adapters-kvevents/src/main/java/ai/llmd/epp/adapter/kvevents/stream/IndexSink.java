package ai.llmd.epp.adapter.kvevents.stream;

import ai.llmd.epp.adapter.kvevents.EngineType;
import ai.llmd.epp.adapter.kvevents.KvEventDecoder;
import ai.llmd.epp.adapter.kvevents.MalformedPayloadException;
import ai.llmd.epp.domain.kvcache.KvEvent;
import ai.llmd.epp.domain.kvcache.KvEventApplier;
import java.util.function.ToIntFunction;

/** Writes what publishers tell to an index. Belongs to the subscriber's thread. */
public final class IndexSink implements EventSink {

  /** Blocks that the events of one message may store or have looked at: a second of the thread. */
  static final long MAX_WORK = 16 << 20;

  /** Clearings in one message: each may look at the whole index. */
  static final int MAX_CLEARS = 8;

  private final KvEventDecoder decoder;
  private final KvEventApplier applier;
  private final KvEvent clearing = new KvEvent();
  private final ToIntFunction<String> slots;
  private int clears; // of the message
  private long workBefore; // the message
  private boolean isWhole;
  private boolean isRemovalMissed;

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
    clears = 0;
    workBefore = applier.work();
    isWhole = true;
    isRemovalMissed = false;
    try {
      KvEventDecoder.Result result = decoder.decode(payload, event -> take(event, slot, model));
      isWhole &= result.refused() == 0;
      isRemovalMissed |= result.refusedRemovals() > 0;
    } catch (MalformedPayloadException e) {
      return Applied.IN_PART;
    }
    if (isRemovalMissed) {
      clear(slot);
    }
    if (!isWhole) {
      return Applied.IN_PART;
    }
    return clears > 0 ? Applied.CLEARED : Applied.WHOLE;
  }

  /**
   * What goes beyond the bounds of a message is passed over, as if it could not be read. Blocks
   * that are gone must not count all the same: where it told of any, all of the endpoint's go.
   */
  private void take(KvEvent event, int slot, String model) {
    clears += event.kind() == KvEvent.Kind.CLEARED ? 1 : 0;
    if (clears > MAX_CLEARS || applier.work() - workBefore > MAX_WORK) {
      isWhole = false;
      isRemovalMissed |= event.kind() != KvEvent.Kind.STORED;
      return;
    }
    isWhole &=
        switch (applier.apply(event, slot, model)) {
          case APPLIED, UNKNOWN_PARENT -> true;
          case INDEX_FULL, TOO_MANY_TIERS, TOO_LARGE -> false;
        };
  }

  @Override
  public void clear(String endpoint) {
    int slot = slots.applyAsInt(endpoint);
    if (slot >= 0) {
      clear(slot);
    }
  }

  private void clear(int slot) {
    applier.apply(clearing, slot, "");
  }

  @Override
  public void forget(String endpoint) {
    int slot = slots.applyAsInt(endpoint);
    if (slot >= 0) {
      applier.forget(slot);
    }
  }
}
