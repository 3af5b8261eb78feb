package ai.llmd.epp.application.producer;

import ai.llmd.epp.domain.prefix.PrefixCacheIndex;
import ai.llmd.epp.domain.routing.Arrival;
import ai.llmd.epp.domain.routing.ResponseHead;
import ai.llmd.epp.domain.routing.ResponseObserver;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one request taught about an endpoint's blocks; taken back when the request never arrived
 * there, so that the next try of the same prompt is not drawn to the same place.
 */
final class Recording implements ResponseObserver, Consumer<long[]> {

  private final PrefixRecorder recorder;
  private final PrefixCacheIndex index;
  private final int slot;
  private final BooleanSupplier isMember;
  private long @Nullable [] learned; // the writer's alone
  private @Nullable Recording also;

  /**
   * @param isMember whether the slot is still the endpoint's
   */
  Recording(PrefixRecorder recorder, PrefixCacheIndex index, int slot, BooleanSupplier isMember) {
    this.recorder = recorder;
    this.index = index;
    this.slot = slot;
    this.isMember = isMember;
  }

  /** Another endpoint was taught by the same request. */
  static @Nullable Recording both(@Nullable Recording one, @Nullable Recording other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    other.also = one;
    return other;
  }

  /** The blocks that were new to the endpoint, on the writing thread. */
  @Override
  public void accept(long[] blocks) {
    if (blocks.length > 0) {
      learned = blocks;
    }
  }

  @Override
  public void onHeaders(ResponseHead head) {
    if (Arrival.failed(head)) {
      for (Recording each = this; each != null; each = each.also) {
        recorder.run(each::takeBack);
      }
    }
  }

  private void takeBack() {
    long[] blocks = learned;
    if (blocks != null && isMember.getAsBoolean()) {
      index.takeBack(slot, blocks);
    }
  }
}
