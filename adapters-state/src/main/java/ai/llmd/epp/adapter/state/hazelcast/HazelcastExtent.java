package ai.llmd.epp.adapter.state.hazelcast;

import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import com.hazelcast.ringbuffer.Ringbuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * The ends of the ringbuffer, as sequences.
 *
 * @param oldest the first entry, one above {@code newest} when there is none
 * @param newest the last entry there ever was, -1 when there was none
 */
record HazelcastExtent(long oldest, long newest) {

  /** Hazelcast answers these questions only to who waits: for them, and no longer than they do. */
  private static final Executor ASKING = Thread.ofVirtual().name("hazelcast-extent")::start;

  static HazelcastExtent of(Ringbuffer<byte[]> log, Duration timeout) throws StoreException {
    return HazelcastFailure.answer(
        CompletableFuture.supplyAsync(
            () -> new HazelcastExtent(log.headSequence(), log.tailSequence()), ASKING),
        timeout);
  }
}
