package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.telemetry.meter.ReplicationMeters;
import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationObserver.Status;
import ai.llmd.epp.bootstrap.cli.Options;
import ai.llmd.epp.bootstrap.config.StateStoreSettings;
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

/** What this replica shares with others, where a store is configured; otherwise nothing. */
final class Replication implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Replication.class);

  private static final Duration LONGEST_POOL = Duration.ofSeconds(10);
  private static final Duration POOL_LOOK = Duration.ofMillis(20);

  private final @Nullable Replicator replicator;

  private Replication(@Nullable Replicator replicator) {
    this.replicator = replicator;
  }

  /** Nothing is shared. */
  static Replication none() {
    return new Replication(null);
  }

  /** Connects to nothing yet. */
  static Replication of(Foundation foundation, Draft first, Options.Pool pool) {
    StateStoreSettings settings = first.configuration().stateStore();
    @Nullable ReplicationLog store =
        StateStores.open(settings, pool.namespace(), pool.name()).orElse(null);
    if (store == null) {
      return none();
    }
    var meters = new ReplicationMeters(foundation.meters().registry, store.name());
    var replicator =
        new Replicator(
            store,
            settings.replication(),
            foundation.mouthpiece(),
            new Replicator.Parts(
                first.state(),
                foundation.recorder(),
                meters,
                foundation.nanoClock(),
                Replication::epochMicros));
    meters.show(replicator::figures, replicator::status, System::currentTimeMillis);
    return new Replication(replicator);
  }

  private static long epochMicros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  /** Those who have to hear of the pool, behind the plugins. */
  List<PoolObserver> observers() {
    return replicator == null ? List.of() : List.of(replicator.poolObserver());
  }

  /**
   * Begins to tell and to hear, and returns when what others know is known here, or when that takes
   * too long.
   *
   * @param isPoolKnown what others say of endpoints that are not known here yet is kept for a while
   *     and within a bound only, so the pool comes first, unless it is long in coming
   */
  void start(BooleanSupplier isPoolKnown) throws StartException {
    if (replicator == null) {
      return;
    }
    try {
      long latest = System.nanoTime() + LONGEST_POOL.toNanos();
      while (!isPoolKnown.getAsBoolean() && System.nanoTime() - latest < 0) {
        Thread.sleep(POOL_LOOK);
      }
      replicator.start();
      boolean isWarm = replicator.awaitWarm();
      log.atLevel(isWarm ? Level.INFO : Level.WARN)
          .addKeyValue("detail", replicator.status().detail())
          .log(isWarm ? "state is warm" : "state is not warm, requests are taken all the same");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartException("interrupted while catching up with other replicas");
    }
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

  /** Says farewell to the other replicas. */
  @Override
  public void close() {
    if (replicator != null) {
      replicator.close();
    }
  }
}
