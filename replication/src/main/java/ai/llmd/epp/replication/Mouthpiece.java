package ai.llmd.epp.replication;

import ai.llmd.epp.application.port.out.HashSecret;
import ai.llmd.epp.application.port.out.LocalChanges;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.prefix.PrefixBlocks;
import ai.llmd.epp.domain.sharing.BindingStamp;
import ai.llmd.epp.domain.sharing.SessionKey;
import ai.llmd.epp.domain.sharing.SessionListener;
import ai.llmd.epp.domain.sharing.Sharing;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where plugins and the shared state say what they learn. They are built before it is known whether
 * anybody listens; until a {@link Replicator} does, and without one, nothing happens. Any thread.
 */
public final class Mouthpiece implements LocalChanges, SessionListener {

  private final long writer;
  private volatile @Nullable Replicator replicator;

  /**
   * @param writer this replica, a random number
   */
  public Mouthpiece(long writer) {
    this.writer = writer;
  }

  long writer() {
    return writer;
  }

  /**
   * How a {@link ai.llmd.epp.domain.state.SharedState} reaches this.
   *
   * @param hashSecret null for none
   * @param epochMillis wall clock
   */
  public Sharing sharing(@Nullable HashSecret hashSecret, LongSupplier epochMillis) {
    long seed = hashSecret == null ? 0 : hashSecret.seed();
    return new Sharing(seed, writer, epochMillis, this, this::loadChanged);
  }

  void connect(Replicator listener) {
    replicator = listener;
  }

  @Override
  public void recorded(
      String producer, EndpointState endpoint, int capacity, PrefixBlocks blocks, long[] learned) {
    Replicator listener = replicator;
    if (listener != null) {
      listener.replica().recorded(producer, endpoint, capacity, blocks, learned);
    }
  }

  @Override
  public void bound(String plugin, SessionKey session, EndpointId endpoint, BindingStamp stamp) {
    Replicator listener = replicator;
    if (listener != null) {
      listener.replica().bound(plugin, session, endpoint, stamp);
    }
  }

  private void loadChanged() {
    Replicator listener = replicator;
    if (listener != null) {
      listener.called();
    }
  }
}
