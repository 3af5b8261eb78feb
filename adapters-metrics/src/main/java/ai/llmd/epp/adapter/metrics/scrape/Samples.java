package ai.llmd.epp.adapter.metrics.scrape;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What one page has of the wanted series, by their positions in the plan. Reused from page to page;
 * one event loop owns it.
 */
public final class Samples {

  private final ScanPlan plan;
  private final boolean[] familySeen;
  private final boolean[] found;
  private final double[] value;
  private final long[] timestamp;
  private final byte[][] labelBytes;
  private final int[] labelLength;
  // the text of a label made from the same bytes on an earlier page: label values hardly ever
  // change
  private final @Nullable String[] labelText;

  Samples(ScanPlan plan) {
    this.plan = plan;
    this.familySeen = new boolean[plan.families];
    this.found = new boolean[plan.wanted.size()];
    this.value = new double[found.length];
    this.timestamp = new long[found.length];
    this.labelBytes = new byte[plan.captures][0];
    this.labelLength = new int[plan.captures];
    this.labelText = new String[plan.captures];
  }

  /** Whether the page had a series that was wanted here. */
  public boolean found(int wanted) {
    return found[wanted];
  }

  /** Whether the page had any series of the wanted family, matching or not. */
  public boolean familySeen(int wanted) {
    return familySeen[plan.familyOfWanted[wanted]];
  }

  /** The value, 0 unless the series is a gauge or a counter; meaningful only when found. */
  public double value(int wanted) {
    return value[wanted];
  }

  /**
   * The value of the {@code index}-th label that was of interest; null when the series lacks it.
   */
  public @Nullable String label(int wanted, int index) {
    int capture = plan.firstCapture[wanted] + index;
    if (!found[wanted] || labelLength[capture] < 0) {
      return null;
    }
    String text = labelText[capture];
    if (text == null) {
      String raw = new String(labelBytes[capture], 0, labelLength[capture], UTF_8);
      text = MetricSpec.unescape(raw);
      labelText[capture] = text;
    }
    return text;
  }

  boolean anyFound() {
    for (boolean one : found) {
      if (one) {
        return true;
      }
    }
    return false;
  }

  void clear() {
    Arrays.fill(familySeen, false);
    Arrays.fill(found, false);
  }

  void see(int family) {
    familySeen[family] = true;
  }

  /** Whether a series with this value and timestamp is to replace what was found before. */
  boolean isBetter(int wanted, double newValue, long newTimestamp) {
    return switch (plan.wanted.get(wanted).choice()) {
      case LATEST -> !found[wanted] || newTimestamp > timestamp[wanted];
      case GREATEST_VALUE -> newValue > (found[wanted] ? value[wanted] : -1);
    };
  }

  void take(int wanted, double newValue, long newTimestamp) {
    found[wanted] = true;
    value[wanted] = newValue;
    timestamp[wanted] = newTimestamp;
  }

  /** Keeps a label value as it stands on the page, escapes included. */
  void takeLabel(int capture, byte[] bytes, int from, int to) {
    int length = to - from;
    byte[] known = labelBytes[capture];
    if (labelLength[capture] == length && Arrays.equals(known, 0, length, bytes, from, to)) {
      return;
    }
    if (known.length < length) {
      labelBytes[capture] = Arrays.copyOfRange(bytes, from, to);
    } else {
      System.arraycopy(bytes, from, known, 0, length);
    }
    labelLength[capture] = length;
    labelText[capture] = null;
  }

  void takeNoLabel(int capture) {
    labelLength[capture] = -1;
    labelText[capture] = null;
  }
}
