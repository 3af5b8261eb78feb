package ai.llmd.epp.application.producer;

import ai.llmd.epp.domain.pool.EndpointState;
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
  private final EndpointState member;
  private final BooleanSupplier isMember;
  private final Consumer<long[]> takenBack;
  private long @Nullable [] learned; // the writer's alone
  private @Nullable Recording also;

  /**
   * @param isMember whether the slot is still the endpoint's
   * @param takenBack receives, on the writing thread, the blocks that were taken back
   */
  Recording(
      PrefixRecorder recorder,
      PrefixCacheIndex index,
      EndpointState member,
      BooleanSupplier isMember,
      Consumer<long[]> takenBack) {
    this.recorder = recorder;
    this.index = index;
    this.member = member;
    this.isMember = isMember;
    this.takenBack = takenBack;
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
      long[] gone = index.takeBack(member.slot(), blocks).gone();
      if (gone.length > 0) {
        takenBack.accept(gone);
      }
    }
  }
}
