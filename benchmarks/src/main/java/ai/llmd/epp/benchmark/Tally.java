package ai.llmd.epp.benchmark;

import ai.llmd.epp.benchmark.ExtProcLoad.Figures;
import java.util.Arrays;

/** Adds up what conversations report while a measurement runs. Any thread. */
final class Tally {

  private boolean isMeasuring;
  private long[] latencyNanos = new long[1 << 16];
  private int requests;
  private long firstNanos;
  private long errors;
  private String firstError = "";

  synchronized void begin() {
    requests = 0;
    errors = 0;
    firstError = "";
    isMeasuring = true;
  }

  synchronized void done(long pickNanos) {
    if (isMeasuring) {
      if (requests == latencyNanos.length) {
        latencyNanos = Arrays.copyOf(latencyNanos, 2 * requests);
      }
      firstNanos = requests == 0 ? pickNanos : firstNanos;
      latencyNanos[requests++] = pickNanos;
    }
  }

  synchronized void failed(String error) {
    if (isMeasuring) {
      errors++;
      firstError = firstError.isEmpty() ? error : firstError;
    }
  }

  synchronized Figures end(String target, double seconds, double speed) {
    isMeasuring = false;
    Arrays.sort(latencyNanos, 0, requests);
    return new Figures(
        target,
        seconds,
        requests,
        requests / seconds,
        errors,
        firstError,
        percentile(0.5),
        percentile(0.9),
        percentile(0.99),
        percentile(0.999),
        requests == 0 ? 0 : firstNanos / 1e3,
        speed);
  }

  private double percentile(double share) {
    return requests == 0 ? 0 : latencyNanos[(int) (share * (requests - 1))] / 1e3;
  }
}
