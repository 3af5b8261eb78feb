package ai.llmd.epp.domain.latency;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The model of one endpoint, from its first observation on, and its latest observations, of this
 * replica and of others, for a replica that joins. Any thread.
 */
final class EndpointLatencies {

  /** As many as a model needs to be useful, of times to the first token and of further ones. */
  static final int MAX_KEPT = 32;

  /** Runs of replicas that are told apart; of those before, old observations may count again. */
  private static final int MAX_WRITERS = 64;

  private volatile @Nullable LatencyModel model;

  // guarded by this
  private final Deque<StampedObservation> recent = new ArrayDeque<>(MAX_KEPT);
  private final Map<Long, Received> received = new LinkedHashMap<>();

  /** The highest numbers received of one writer. */
  private static final class Received {
    private long highest;
    private long ofSnapshots;
  }

  /** Null before the first observation. */
  @Nullable LatencyModel model() {
    return model;
  }

  synchronized LatencyModel begun(LatencyModel all) {
    LatencyModel begun = model;
    if (begun == null) {
      begun = all.offspring();
      model = begun;
    }
    return begun;
  }

  /** This replica has observed something. */
  synchronized StampedObservation stamp(
      LatencyObservation observation, SharedObservations sharing) {
    var stamped =
        new StampedObservation(sharing.writer(), sharing.numbers().getAsLong(), observation);
    keep(stamped);
    return stamped;
  }

  /**
   * Another replica has observed something. Of its batches each comes once, in any order; in
   * snapshots the same ones come again and again, so that of these only the newer ones count, and
   * what they had does not count when its batch comes later.
   *
   * @return whether it is to be learned from
   */
  synchronized boolean accept(StampedObservation observation, boolean isOfSnapshot) {
    Received ofWriter = received.computeIfAbsent(observation.writer(), writer -> new Received());
    if (received.size() > MAX_WRITERS) {
      received.remove(received.keySet().iterator().next());
    }
    long number = observation.number();
    if (number <= (isOfSnapshot ? ofWriter.highest : ofWriter.ofSnapshots)) {
      return false;
    }
    ofWriter.highest = Math.max(ofWriter.highest, number);
    if (isOfSnapshot) {
      ofWriter.ofSnapshots = number;
    }
    keep(observation);
    return true;
  }

  private void keep(StampedObservation observation) {
    if (recent.size() == MAX_KEPT) {
      recent.removeFirst();
    }
    recent.addLast(observation);
  }

  /** The latest observations, the oldest first. */
  synchronized List<StampedObservation> recent() {
    return List.copyOf(recent);
  }
}
