package ai.llmd.epp.application.latency;

import ai.llmd.epp.domain.calls.WithoutResultException;
import ai.llmd.epp.domain.latency.LatencyRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Servers that predict the same for every row, or never answer. */
final class FakeLatencyServers implements LatencyServers {

  private final @Nullable Times times;
  private final List<Times> observed = new ArrayList<>();
  private boolean isGivenUp;
  private boolean isClosed;

  /**
   * @param times null when they do not answer
   */
  FakeLatencyServers(@Nullable Times times) {
    this.times = times;
  }

  void giveUp() {
    isGivenUp = true;
  }

  /** What they were taught, oldest first. */
  List<Times> observed() {
    return observed;
  }

  boolean isClosed() {
    return isClosed;
  }

  @Override
  public boolean isWorthAsking(int rows) {
    return !isGivenUp;
  }

  @Override
  public List<Times> predict(List<LatencyRow> rows, Duration patience) {
    if (times == null) {
      throw new WithoutResultException("was not answered");
    }
    return rows.stream().map(row -> times).toList();
  }

  @Override
  public void observed(LatencyRow row, double ttftMillis, double tpotMillis) {
    observed.add(new Times(ttftMillis, tpotMillis));
  }

  @Override
  public void close() {
    isClosed = true;
  }
}
