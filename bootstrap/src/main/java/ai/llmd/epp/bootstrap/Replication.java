package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.admin.LiveView;
import ai.llmd.epp.adapter.telemetry.meter.ReplicationMeters;
import ai.llmd.epp.application.port.in.ShareClaims;
import ai.llmd.epp.application.port.in.ShareQueues;
import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationObserver.State;
import ai.llmd.epp.application.port.out.ReplicationObserver.Status;
import ai.llmd.epp.cli.Options;
import ai.llmd.epp.configuration.reload.Draft;
import ai.llmd.epp.configuration.store.StateStoreSettings;
import ai.llmd.epp.replication.Replicator;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Replication through the configured store; nothing is shared where there is none. */
final class Replication implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Replication.class);

  private static final Duration MAX_POOL_WAIT = Duration.ofSeconds(10);
  private static final Duration POOL_POLL = Duration.ofMillis(20);

  private final @Nullable Replicator replicator;

  private Replication(@Nullable Replicator replicator) {
    this.replicator = replicator;
  }

  /** Nothing is shared. */
  static Replication none() {
    return new Replication(null);
  }

  /** Connects to nothing yet. */
  static Replication of(
      SharedParts shared, Draft first, ShareClaims claims, ShareQueues queues, Options.Pool pool) {
    StateStoreSettings settings = first.configuration().stateStore();
    @Nullable ReplicationLog store = settings.open(pool.namespace(), pool.name()).orElse(null);
    if (store == null) {
      return none();
    }
    var meters = new ReplicationMeters(shared.meters().registry, store.name());
    var replicator =
        new Replicator(
            store,
            settings.replication(),
            shared.publisher(),
            new Replicator.Parts(
                first.state(),
                shared.recorder(),
                claims,
                queues,
                meters,
                shared.meters().threads,
                shared.nanoClock(),
                Replication::epochMicros));
    meters.show(replicator::figures, replicator::status, System::currentTimeMillis);
    return new Replication(replicator);
  }

  private static long epochMicros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  /** What has to observe the pool, behind the plugins. */
  List<PoolObserver> observers() {
    return replicator == null ? List.of() : List.of(replicator.poolObserver());
  }

  /**
   * Starts replication, and returns when this replica has caught up with its peers, or when that
   * takes too long.
   *
   * @param isPoolKnown entries about endpoints that are not known here yet are kept within a bound
   *     only, so the pool comes first, unless it takes too long
   */
  void start(BooleanSupplier isPoolKnown) throws StartException {
    if (replicator == null) {
      return;
    }
    try {
      long latest = System.nanoTime() + MAX_POOL_WAIT.toNanos();
      while (!isPoolKnown.getAsBoolean() && System.nanoTime() - latest < 0) {
        Thread.sleep(POOL_POLL);
      }
      replicator.start();
      boolean isWarm = replicator.awaitWarm();
      log.atLevel(isWarm ? Level.INFO : Level.WARN)
          .addKeyValue("detail", replicator.status().detail())
          .log(isWarm ? "warm-up complete" : "warm-up timed out, serving with partial state");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartException("interrupted while catching up with peers");
    }
  }

  /** Whether there is a store that cannot be reached. */
  boolean isStoreAway() {
    return replicator != null && replicator.status().state() == State.CUT_OFF;
  }

  /** A sentence for the operator; empty when nothing is shared. */
  String detail() {
    if (replicator == null) {
      return "";
    }
    Status status = replicator.status();
    long seconds = (System.currentTimeMillis() - status.sinceMillis()) / 1000;
    String state = status.state().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return "state store: %s for %d s, %s".formatted(state, seconds, status.detail());
  }

  /**
   * What people are shown; null where nothing is shared.
   *
   * @param type of the store, as in the configuration
   */
  LiveView.@Nullable Store shown(String type) {
    return replicator == null
        ? null
        : new LiveView.Store(
            type, replicator.id(), replicator.status(), replicator.figures(), replicator.peers());
  }

  /** Sends a farewell to the peers. */
  @Override
  public void close() {
    if (replicator != null) {
      replicator.close();
    }
  }
}
