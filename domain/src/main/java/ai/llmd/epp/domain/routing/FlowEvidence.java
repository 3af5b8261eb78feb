package ai.llmd.epp.domain.routing;

import ai.llmd.epp.domain.facts.FactKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What flow control did with a request.
 *
 * @param band priority of the band that it went through
 * @param flow whose turn it was
 * @param outcome as metrics show it, such as {@code Dispatched}
 * @param isQueued whether it had to wait for its turn
 * @param waitedNanos how long it waited
 * @param saturation of the pool when it came
 * @param ceiling of its band when it came: it waits while the saturation is as high
 * @param madeRoom ids of the requests that were evicted for it
 * @param evicted what becomes known later: for whom it was evicted itself; null when it cannot be
 */
public record FlowEvidence(
    int band,
    String flow,
    String outcome,
    boolean isQueued,
    long waitedNanos,
    double saturation,
    double ceiling,
    List<String> madeRoom,
    @Nullable Evicted evicted) {

  /** Known once flow control is done with the request. */
  public static final FactKey<FlowEvidence> KEY =
      new FactKey<>("FlowEvidenceDataKey", "", FlowEvidence.class);

  private static final long NANOS_PER_MILLI = 1_000_000;

  public FlowEvidence {
    madeRoom = List.copyOf(madeRoom);
  }

  /** Whether the request was let in. */
  public boolean isDispatched() {
    return outcome.equals("Dispatched");
  }

  /** How long it waited, in whole milliseconds. */
  public long waitedMillis() {
    return waitedNanos / NANOS_PER_MILLI;
  }
}
