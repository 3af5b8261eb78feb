package ai.llmd.epp.application.latency;

import ai.llmd.epp.domain.calls.WithoutResultException;
import ai.llmd.epp.domain.latency.LatencyRow;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Servers that predict the times of requests, and are taught with those that were observed. Opening
 * and asking whether to ask touch no network. Any thread.
 */
public interface LatencyServers extends AutoCloseable {

  /** Opens them for one producer. */
  @FunctionalInterface
  interface Source {

    /** Where no server is configured. */
    Source NONE = () -> null;

    /** Null where none is configured: times are then predicted in process. */
    @Nullable LatencyServers open();
  }

  /**
   * What a server predicts for one row.
   *
   * @param ttftMillis to the first token, finite, 0 or more
   * @param tpotMillis for each further token, finite, 0 or more
   */
  record Times(double ttftMillis, double tpotMillis) {}

  /**
   * Whether an answer is to be expected: false while all servers keep failing, but for a call now
   * and then that looks, and for more rows than servers take.
   */
  boolean isWorthAsking(int rows);

  /**
   * Predicts one time for each row, in their order. Blocks.
   *
   * @param patience how long the caller waits at most
   * @throws WithoutResultException if there is no usable answer by then
   */
  List<Times> predict(List<LatencyRow> rows, Duration patience) throws InterruptedException;

  /**
   * Keeps what was observed for a training server. Never blocks.
   *
   * @param ttftMillis to the first token; 0 when this row is not about it
   * @param tpotMillis for each further token; 0 when this row is not about them
   */
  void observed(LatencyRow row, double ttftMillis, double tpotMillis);

  /** Gives the training server what is left, for a short while, and lets go of everything. */
  @Override
  void close();
}
