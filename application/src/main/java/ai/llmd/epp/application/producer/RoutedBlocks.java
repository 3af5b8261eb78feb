package ai.llmd.epp.application.producer;

import ai.llmd.epp.application.members.ByMember;
import ai.llmd.epp.application.port.out.LocalChanges;
import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.prefix.PrefixBlocks;
import ai.llmd.epp.domain.prefix.PrefixCacheIndex;
import ai.llmd.epp.domain.state.SharedState;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Keeps an index of what was routed where in step with the pool: blocks are recorded for members
 * only, and an endpoint that goes is forgotten before its slot is used again. All writing is the
 * recorder's thread's. Any thread.
 */
final class RoutedBlocks implements PoolObserver {

  private final String producer;
  private final PrefixCacheIndex index;
  private final PrefixRecorder recorder;
  private final LocalChanges changes;
  private final ByMember<EndpointState> members = new ByMember<>(Function.identity());

  /**
   * @param producer instance name of the plugin, under which its index is kept
   * @param changes receives what is recorded here
   */
  RoutedBlocks(String producer, SharedState state, PrefixRecorder recorder, LocalChanges changes) {
    this.producer = producer;
    this.index = state.prefixIndex(producer);
    this.recorder = recorder;
    this.changes = changes;
  }

  PrefixCacheIndex index() {
    return index;
  }

  ByMember<EndpointState> members() {
    return members;
  }

  /**
   * Notes, asynchronously, that an endpoint gets these blocks; nothing when it has gone.
   *
   * @param capacity blocks that the endpoint may hold
   * @return has to follow the response; null when there is nothing to take back
   */
  @Nullable Recording record(Candidate endpoint, PrefixBlocks blocks, int capacity) {
    EndpointState member = members.of(endpoint);
    if (member == null) {
      return null;
    }
    // asked again by the writer: if it holds there, forgetting comes later in the queue
    BooleanSupplier isMember = () -> members.of(member) != null;
    var recording =
        new Recording(
            recorder, index, member, isMember, gone -> changes.takenBack(producer, member, gone));
    recorder.record(
        index,
        member.slot(),
        blocks,
        capacity,
        isMember,
        learned -> {
          recording.accept(learned);
          changes.recorded(producer, member, capacity, blocks, learned);
        });
    return recording;
  }

  @Override
  public void added(EndpointState endpoint) {
    members.add(endpoint);
  }

  @Override
  public void removed(EndpointState endpoint, Runnable released) {
    members.remove(endpoint);
    recorder.forget(index, endpoint.slot(), released);
  }
}
