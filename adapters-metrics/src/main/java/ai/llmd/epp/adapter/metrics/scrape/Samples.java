package ai.llmd.epp.adapter.metrics.scrape;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one page has of the wanted series, by their positions in the plan: of each, one series or
 * one for each engine, in no order. Reused from page to page; one event loop owns it.
 */
public final class Samples {

  /** Engines behind one page; the series of further ones are passed over. */
  static final int MAX_ENGINES = 1024;

  /** A series that was taken; its fields are written when it is, from page to page. */
  private static final class Taken {

    private long engine;
    private double value;
    private boolean isNumber;
    private double timestamp;
    private final byte[][] labelBytes;
    private final int[] labelLength;
    // the text of a label made from the same bytes on an earlier page: label values hardly ever
    // change
    private final @Nullable String[] labelText;

    Taken(int labels) {
      labelBytes = new byte[labels][0];
      labelLength = new int[labels];
      labelText = new String[labels];
    }
  }

  private final ScanPlan plan;
  private final boolean[] familySeen;
  private final int[] count;
  private final List<List<Taken>> taken = new ArrayList<>();
  private final List<EnginePlaces> places = new ArrayList<>(); // where each engine has one

  Samples(ScanPlan plan) {
    this.plan = plan;
    this.familySeen = new boolean[plan.families];
    this.count = new int[plan.wanted.size()];
    plan.wanted.forEach(
        series -> {
          taken.add(new ArrayList<>(1));
          places.add(new EnginePlaces());
        });
  }

  /** Whether the page had a series that was wanted here. */
  public boolean found(int wanted) {
    return count[wanted] > 0;
  }

  /** Whether the page had any series of the wanted family, matching or not. */
  public boolean familySeen(int wanted) {
    return familySeen[plan.familyOfWanted[wanted]];
  }

  /** The number of series taken: 1 for each engine. */
  public int count(int wanted) {
    return count[wanted];
  }

  /**
   * The value of the first series, 0 unless it is a number's; meaningful only when found.
   *
   * @see #value(int, int)
   */
  public double value(int wanted) {
    return value(wanted, 0);
  }

  /** The value of one of the series taken, 0 unless it is a gauge, a counter or of unknown type. */
  public double value(int wanted, int series) {
    return taken.get(wanted).get(series).value;
  }

  /** The value of the {@code index}-th label that was of interest, of the first series. */
  public @Nullable String label(int wanted, int index) {
    return found(wanted) ? label(wanted, 0, index) : null;
  }

  /** Whether one of the series taken is a gauge, a counter or of unknown type. */
  boolean isNumber(int wanted, int series) {
    return taken.get(wanted).get(series).isNumber;
  }

  /**
   * The value of the {@code index}-th label that was of interest; null when the series lacks it.
   */
  public @Nullable String label(int wanted, int series, int index) {
    Taken one = taken.get(wanted).get(series);
    if (one.labelLength[index] < 0) {
      return null;
    }
    String text = one.labelText[index];
    if (text == null) {
      String raw = new String(one.labelBytes[index], 0, one.labelLength[index], UTF_8);
      text = MetricSpec.unescape(raw);
      one.labelText[index] = text;
    }
    return text;
  }

  boolean anyFound() {
    for (int one : count) {
      if (one > 0) {
        return true;
      }
    }
    return false;
  }

  void clear() {
    Arrays.fill(familySeen, false);
    Arrays.fill(count, 0);
    places.forEach(EnginePlaces::clear);
  }

  void see(int family) {
    familySeen[family] = true;
  }

  /**
   * Takes a series, unless another is to be preferred.
   *
   * @param value 0 when it is no number's
   * @return its place among those taken, or -1
   */
  int take(int wanted, long engine, double value, boolean isNumber, double timestamp) {
    int place =
        switch (plan.wanted.get(wanted).choice()) {
          case LATEST -> found(wanted) && timestamp <= first(wanted).timestamp ? -1 : 0;
          case EACH_ENGINE -> placeOfLatest(wanted, engine, value, timestamp);
          case EACH_ENGINE_NEWEST -> value > -1 ? placeOfGreatest(wanted, engine, value) : -1;
          case EVERY -> count[wanted] < MAX_ENGINES ? count[wanted] : -1;
        };
    if (place < 0) {
      return place;
    }
    Taken one = at(wanted, place);
    one.engine = engine;
    one.value = value;
    one.isNumber = isNumber;
    one.timestamp = timestamp;
    return place;
  }

  private int placeOfLatest(int wanted, long engine, double value, double timestamp) {
    if (found(wanted) && timestamp != first(wanted).timestamp) {
      if (timestamp < first(wanted).timestamp) {
        return -1;
      }
      count[wanted] = 0;
      places.get(wanted).clear();
    }
    return placeOfGreatest(wanted, engine, value);
  }

  private int placeOfGreatest(int wanted, long engine, double value) {
    EnginePlaces known = places.get(wanted);
    int place = known.of(engine);
    if (place >= 0) {
      double before = taken.get(wanted).get(place).value;
      return value > before || Double.isNaN(before) ? place : -1;
    }
    if (known.count() == MAX_ENGINES) {
      return -1;
    }
    known.add(engine);
    return known.count() - 1;
  }

  private Taken first(int wanted) {
    return taken.get(wanted).get(0);
  }

  private Taken at(int wanted, int place) {
    List<Taken> series = taken.get(wanted);
    if (place == series.size()) {
      series.add(new Taken(plan.capturedLabels[wanted].length));
    }
    count[wanted] = Math.max(count[wanted], place + 1);
    return series.get(place);
  }

  /**
   * An engine's series and one without an engine's label are the parts and their sum: then that one
   * goes.
   */
  void dropTotals() {
    for (int wanted = 0; wanted < count.length; wanted++) {
      boolean hasEngines = plan.wanted.get(wanted).choice() != WantedSeries.Choice.EVERY;
      for (int i = 0; hasEngines && count[wanted] > 1 && i < count[wanted]; i++) {
        List<Taken> series = taken.get(wanted);
        if (series.get(i).engine == EngineLabels.NONE) {
          count[wanted]--;
          series.add(count[wanted], series.remove(i));
        }
      }
    }
  }

  /** Keeps a label value as it stands on the page, escapes included. */
  void takeLabel(int wanted, int place, int index, byte[] bytes, int from, int to) {
    Taken one = taken.get(wanted).get(place);
    int length = to - from;
    byte[] known = one.labelBytes[index];
    if (one.labelLength[index] == length && Arrays.equals(known, 0, length, bytes, from, to)) {
      return;
    }
    if (known.length < length) {
      one.labelBytes[index] = Arrays.copyOfRange(bytes, from, to);
    } else {
      System.arraycopy(bytes, from, known, 0, length);
    }
    one.labelLength[index] = length;
    one.labelText[index] = null;
  }

  void takeNoLabel(int wanted, int place, int index) {
    Taken one = taken.get(wanted).get(place);
    one.labelLength[index] = -1;
    one.labelText[index] = null;
  }
}
