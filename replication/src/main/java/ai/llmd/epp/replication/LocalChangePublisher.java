package ai.llmd.epp.replication;

import ai.llmd.epp.application.port.out.HashSecret;
import ai.llmd.epp.application.port.out.LocalChanges;
import ai.llmd.epp.domain.latency.ObservationListener;
import ai.llmd.epp.domain.latency.StampedObservation;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.prefix.PrefixBlocks;
import ai.llmd.epp.domain.state.BindingStamp;
import ai.llmd.epp.domain.state.SessionKey;
import ai.llmd.epp.domain.state.SessionListener;
import ai.llmd.epp.domain.state.Sharing;
import ai.llmd.epp.replication.send.OutgoingEntries;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where plugins and the shared state publish what they learn. They are built before it is known
 * whether there is a store; until a {@link Replicator} connects, changes are discarded. Any thread.
 */
public final class LocalChangePublisher
    implements LocalChanges, SessionListener, ObservationListener {

  private record Connection(OutgoingEntries entries, Runnable wakeSender) {}

  private final long writer;
  private volatile @Nullable Connection connection;

  /**
   * @param writer this replica, a random number
   */
  public LocalChangePublisher(long writer) {
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
    return new Sharing(seed, writer, epochMillis, this, this::changed, this);
  }

  void connect(OutgoingEntries entries, Runnable wakeSender) {
    connection = new Connection(entries, wakeSender);
  }

  @Override
  public void recorded(
      String producer, EndpointState endpoint, int capacity, PrefixBlocks blocks, long[] learned) {
    Connection connected = connection;
    if (connected != null) {
      connected.entries().recorded(producer, endpoint, capacity, blocks, learned);
    }
  }

  @Override
  public void takenBack(String producer, EndpointState endpoint, long[] blocks) {
    Connection connected = connection;
    if (connected != null) {
      connected.entries().takenBack(producer, endpoint, blocks);
    }
  }

  @Override
  public void bound(String plugin, SessionKey session, EndpointId endpoint, BindingStamp stamp) {
    Connection connected = connection;
    if (connected != null) {
      connected.entries().bound(plugin, session, endpoint, stamp);
    }
  }

  @Override
  public void observed(String producer, EndpointId endpoint, StampedObservation observation) {
    Connection connected = connection;
    if (connected != null) {
      connected.entries().observed(producer, endpoint, observation);
    }
  }

  /** Work in flight or a claim has changed: there is something to send. Cheap. */
  public void changed() {
    Connection connected = connection;
    if (connected != null) {
      connected.wakeSender().run();
    }
  }
}
