package ai.llmd.epp.replication.store;

import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationObserver;
import ai.llmd.epp.application.port.out.ReplicationSettings;
import ai.llmd.epp.application.port.out.ThreadObserver;
import java.util.function.LongSupplier;

/**
 * What every thread that calls the store needs.
 *
 * @param writer this replica, a random number for each start of the program
 * @param nanoClock as {@link System#nanoTime()}
 * @param epochMicros wall clock, in microseconds
 */
public record StoreAccess(
    long writer,
    ReplicationLog log,
    ReplicationSettings settings,
    StoreHealth health,
    ReplicationObserver observer,
    ThreadObserver threads,
    LongSupplier nanoClock,
    LongSupplier epochMicros) {

  /** {@link #nanoClock()} now. */
  public long nanos() {
    return nanoClock.getAsLong();
  }

  /** {@link #epochMicros()} now. */
  public long micros() {
    return epochMicros.getAsLong();
  }
}
