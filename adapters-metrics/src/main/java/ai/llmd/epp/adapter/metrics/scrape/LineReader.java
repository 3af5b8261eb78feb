package ai.llmd.epp.adapter.metrics.scrape;

import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Understands single lines of the <a
 * href="https://prometheus.io/docs/instrumenting/exposition_formats/">Prometheus text format</a>
 * and of <a href="https://prometheus.io/docs/specs/om/open_metrics_spec/">OpenMetrics</a>: comments
 * with types, and samples of followed families. Names may be quoted.
 *
 * <p>Malformed labels of a followed family fail the page, as in the reference. Any other line that
 * is not understood is passed over, and fails only a page that has nothing that is wanted: that may
 * be no such page at all.
 */
final class LineReader {

  /** What a family was declared to be; NONE before any declaration or sample. */
  private enum Type {
    NONE,
    UNTYPED,
    GAUGE,
    COUNTER,
    SUMMARY,
    HISTOGRAM,
    INFO,
    UNKNOWN;

    boolean isNumber() {
      return this == GAUGE || this == COUNTER || this == UNKNOWN || this == INFO;
    }
  }

  private final ScanPlan plan;
  private final Samples samples;
  private final Type[] type;
  private final boolean[] exists;
  private final SampleLine line = new SampleLine();
  private @Nullable String failure;
  private @Nullable String oddity;

  LineReader(ScanPlan plan, Samples samples) {
    this.plan = plan;
    this.samples = samples;
    this.type = new Type[plan.families];
    this.exists = new boolean[plan.families];
    begin();
  }

  /** Forgets the last page. */
  void begin() {
    failure = null;
    oddity = null;
    Arrays.fill(type, Type.NONE);
    Arrays.fill(exists, false);
    samples.clear();
  }

  /** Why the page is refused, null as long as it is not. */
  @Nullable String failure() {
    return failure;
  }

  void fail(String reason) {
    if (failure == null) {
      failure = reason;
    }
  }

  /** A line is passed over. */
  void passOver(String reason) {
    if (oddity == null) {
      oddity = reason;
    }
  }

  /** The page is complete. */
  void end() {
    samples.dropTotals();
    if (oddity != null && !samples.anyFound()) {
      fail(oddity);
    }
  }

  /** Reads the line in {@code [from, to)}; {@code to} is its line feed. */
  void read(byte[] bytes, int from, int to) {
    byte first = bytes[from];
    if (Bytes.startsName(first)) {
      sample(bytes, from, to);
    } else if (first == '#') {
      comment(bytes, from + 1, to);
    } else if (first == '{') {
      quotedSample(bytes, from, to);
    } else {
      indented(bytes, from, to);
    }
  }

  private void indented(byte[] bytes, int from, int to) {
    int start = Bytes.afterBlanks(bytes, from, to);
    if (start == to) {
      return; // an empty line
    }
    if (start == from) {
      passOver("a line starts with neither a metric name nor #");
    } else {
      read(bytes, start, to);
    }
  }

  private void comment(byte[] bytes, int from, int to) {
    int keyword = Bytes.afterBlanks(bytes, from, to);
    if (!Bytes.isWord(bytes, keyword, to, 'T', 'Y', 'P', 'E')) {
      return;
    }
    int word = Bytes.afterBlanks(bytes, keyword + 4, to);
    boolean isQuoted = word < to && bytes[word] == '"';
    int nameStart = isQuoted ? word + 1 : word;
    if (nameStart == to || !plan.mayMatter(bytes, nameStart)) {
      return;
    }
    int nameEnd =
        isQuoted
            ? SampleLine.closingQuote(bytes, nameStart, to)
            : Bytes.afterName(bytes, nameStart, to);
    int name = nameEnd < 0 ? ScanPlan.NONE : plan.nameAt(bytes, nameStart, nameEnd);
    int family = name == ScanPlan.NONE ? ScanPlan.NONE : familyOf(name);
    if (family != ScanPlan.NONE) {
      int declared = Bytes.afterBlanks(bytes, isQuoted ? nameEnd + 1 : nameEnd, to);
      declareType(family, bytes, declared, Bytes.afterWord(bytes, declared, to));
    }
  }

  /** The first declaration counts, and none after a sample. */
  private void declareType(int family, byte[] bytes, int from, int to) {
    if (type[family] != Type.NONE) {
      passOver("a metric family has two TYPE lines, or one after its samples");
      return;
    }
    int end = to > from && bytes[to - 1] == '\r' ? to - 1 : to;
    Type declared =
        switch (Bytes.text(bytes, from, end).toLowerCase(Locale.ROOT)) {
          case "gauge" -> Type.GAUGE;
          case "counter" -> Type.COUNTER;
          case "summary" -> Type.SUMMARY;
          case "histogram", "gauge_histogram", "gaugehistogram" -> Type.HISTOGRAM;
          case "info" -> Type.INFO;
          case "untyped" -> Type.UNTYPED;
          case "" -> Type.NONE;
          default -> Type.UNKNOWN;
        };
    type[family] = declared;
    declarePart(declared == Type.COUNTER ? plan.familyOfTotal[family] : ScanPlan.NONE, declared);
    declarePart(declared == Type.INFO ? plan.familyOfInfo[family] : ScanPlan.NONE, declared);
  }

  private void declarePart(int family, Type declared) {
    if (family != ScanPlan.NONE && type[family] == Type.NONE) {
      type[family] = declared;
    }
  }

  private void sample(byte[] bytes, int from, int to) {
    if (!plan.mayMatter(bytes, from)) {
      if (!Bytes.mayEndSample(bytes[to - 1])) {
        passOver("a sample does not end with a number");
      }
      return;
    }
    int nameEnd = Bytes.afterName(bytes, from, to);
    int name = plan.nameAt(bytes, from, nameEnd);
    if (name == ScanPlan.NONE) {
      return;
    }
    int family = familyOf(name);
    if (family != ScanPlan.NONE) {
      take(family, line.read(bytes, nameEnd, to), bytes);
    }
  }

  /** A sample whose name stands in quotes before its labels: <code>{"name",a="b"} 1</code>. */
  private void quotedSample(byte[] bytes, int from, int to) {
    int quote = Bytes.afterBlanks(bytes, from + 1, to);
    int nameEnd =
        quote < to && bytes[quote] == '"' ? SampleLine.closingQuote(bytes, quote + 1, to) : -1;
    int labels = nameEnd < 0 ? to : Bytes.afterBlanks(bytes, nameEnd + 1, to);
    if (labels == to || (bytes[labels] != ',' && bytes[labels] != '}')) {
      passOver("a line starts with neither a metric name nor #");
      return;
    }
    int name = plan.nameAt(bytes, quote + 1, nameEnd);
    int family = name == ScanPlan.NONE ? ScanPlan.NONE : familyOf(name);
    if (family != ScanPlan.NONE) {
      int first = bytes[labels] == ',' ? labels + 1 : labels;
      take(family, line.readFromLabels(bytes, first, to), bytes);
    }
  }

  private void take(int family, SampleLine.Reading reading, byte[] bytes) {
    switch (reading) {
      case MALFORMED_LABELS -> fail("a sample has malformed labels");
      case NO_SAMPLE -> passOver("a sample has no number for a value or timestamp");
      case SAMPLE -> {
        if (type[family] == Type.NONE) {
          type[family] = Type.UNTYPED;
        }
        samples.see(family);
        boolean isNumber = type[family].isNumber();
        for (int wanted : plan.wantedOfFamily[family]) {
          offer(wanted, isNumber, bytes);
        }
      }
    }
  }

  /** The family a name belongs to, which comes into being with the first mention of its name. */
  private int familyOf(int name) {
    int own = plan.ownFamily(name);
    boolean isOneOfItsOwn = own != ScanPlan.NONE && (plan.isTotal(name) || plan.isInfo(name));
    if (own != ScanPlan.NONE && (exists[own] || isOneOfItsOwn)) {
      return own;
    }
    int base = plan.baseFamily(name);
    if (base != ScanPlan.NONE) {
      boolean isPart =
          switch (type[base]) {
            case HISTOGRAM -> !plan.isTotal(name) && !plan.isInfo(name);
            case SUMMARY -> !plan.isBucket(name) && !plan.isTotal(name) && !plan.isInfo(name);
            case COUNTER -> plan.isTotal(name);
            case INFO -> plan.isInfo(name);
            case NONE, UNKNOWN, UNTYPED, GAUGE -> false;
          };
      if (isPart) {
        return base;
      }
    }
    if (own != ScanPlan.NONE) {
      exists[own] = true;
    }
    return own;
  }

  private void offer(int wanted, boolean isNumber, byte[] bytes) {
    byte[][] required = plan.requiredLabels[wanted];
    for (int i = 0; i < required.length; i += 2) {
      if (!line.hasLabel(bytes, required[i], required[i + 1])) {
        return;
      }
    }
    double value = isNumber ? line.value() : 0;
    int place = samples.take(wanted, line.engine(bytes), value, isNumber, line.timestamp());
    if (place < 0) {
      return;
    }
    byte[][] captured = plan.capturedLabels[wanted];
    for (int i = 0; i < captured.length; i++) {
      int label = line.label(bytes, captured[i]);
      if (label < 0) {
        samples.takeNoLabel(wanted, place, i);
      } else {
        samples.takeLabel(wanted, place, i, bytes, line.valueStart(label), line.valueEnd(label));
      }
    }
  }
}
