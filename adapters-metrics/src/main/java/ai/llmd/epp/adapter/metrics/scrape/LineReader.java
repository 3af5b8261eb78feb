package ai.llmd.epp.adapter.metrics.scrape;

import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Understands single lines of the <a
 * href="https://prometheus.io/docs/instrumenting/exposition_formats/">Prometheus text format</a>:
 * comments with types, and samples of followed families. What is an error follows the parser of the
 * reference.
 */
final class LineReader {

  private static final int MAX_LABELS = 256;

  /** What a family was declared to be; UNKNOWN before any declaration or sample. */
  private enum Type {
    UNKNOWN,
    UNTYPED,
    GAUGE,
    COUNTER,
    SUMMARY,
    HISTOGRAM,
    GAUGE_HISTOGRAM
  }

  private final ScanPlan plan;
  private final Samples samples;
  private final Type[] type;
  private final boolean[] exists;
  private final boolean[] hasHelp;
  private final SampleLine line = new SampleLine();
  private @Nullable String failure;

  LineReader(ScanPlan plan, Samples samples) {
    this.plan = plan;
    this.samples = samples;
    this.type = new Type[plan.families];
    this.exists = new boolean[plan.families];
    this.hasHelp = new boolean[plan.families];
    begin();
  }

  /** Forgets the last page. */
  void begin() {
    failure = null;
    Arrays.fill(type, Type.UNKNOWN);
    Arrays.fill(exists, false);
    Arrays.fill(hasHelp, false);
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

  /** Reads the line in {@code [from, to)}; {@code to} is its line feed. */
  void read(byte[] bytes, int from, int to) {
    byte first = bytes[from];
    if (Bytes.startsName(first)) {
      sample(bytes, from, to);
    } else if (first == '#') {
      comment(bytes, from + 1, to);
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
      fail("a line starts with neither a metric name nor #");
    } else {
      read(bytes, start, to);
    }
  }

  private void comment(byte[] bytes, int from, int to) {
    int keyword = Bytes.afterBlanks(bytes, from, to);
    boolean isType = Bytes.isWord(bytes, keyword, to, 'T', 'Y', 'P', 'E');
    if (!isType && !Bytes.isWord(bytes, keyword, to, 'H', 'E', 'L', 'P')) {
      return;
    }
    int nameStart = Bytes.afterBlanks(bytes, keyword + 4, to);
    if (nameStart == to || !plan.mayMatter(bytes, nameStart)) {
      return;
    }
    int nameEnd = Bytes.afterName(bytes, nameStart, to);
    int name = plan.nameAt(bytes, nameStart, nameEnd);
    if (name == ScanPlan.NONE || nameEnd == to) {
      return;
    }
    if (!Bytes.isBlank(bytes[nameEnd])) {
      fail("a metric name in a comment is not followed by a blank");
      return;
    }
    int family = familyOf(name);
    if (family == ScanPlan.NONE) {
      return;
    }
    int text = Bytes.afterBlanks(bytes, nameEnd, to);
    if (text == to) {
      return;
    }
    if (isType) {
      declareType(family, bytes, text, to);
    } else if (hasHelp[family]) {
      fail("a metric family has two HELP lines");
    } else {
      hasHelp[family] = true;
    }
  }

  private void declareType(int family, byte[] bytes, int from, int to) {
    if (type[family] != Type.UNKNOWN) {
      fail("a metric family has two TYPE lines, or one after its samples");
      return;
    }
    Type declared =
        switch (Bytes.text(bytes, from, to).toLowerCase(Locale.ROOT)) {
          case "gauge" -> Type.GAUGE;
          case "counter" -> Type.COUNTER;
          case "summary" -> Type.SUMMARY;
          case "histogram" -> Type.HISTOGRAM;
          case "gauge_histogram" -> Type.GAUGE_HISTOGRAM;
          case "untyped" -> Type.UNTYPED;
          default -> Type.UNKNOWN;
        };
    if (declared == Type.UNKNOWN) {
      fail("a metric family has an unknown type");
    }
    type[family] = declared;
  }

  private void sample(byte[] bytes, int from, int to) {
    if (!Bytes.mayEndSample(bytes[to - 1])) {
      fail("a sample does not end with a number");
      return;
    }
    if (!plan.mayMatter(bytes, from)) {
      return;
    }
    int nameEnd = Bytes.afterName(bytes, from, to);
    int name = plan.nameAt(bytes, from, nameEnd);
    if (name == ScanPlan.NONE) {
      return;
    }
    int family = familyOf(name);
    if (family == ScanPlan.NONE) {
      return;
    }
    String problem = line.read(bytes, nameEnd, to);
    if (problem != null) {
      fail(problem);
      return;
    }
    if (type[family] == Type.UNKNOWN) {
      type[family] = Type.UNTYPED;
    }
    samples.see(family);
    boolean isNumber = type[family] == Type.GAUGE || type[family] == Type.COUNTER;
    double value = isNumber ? line.value() : 0;
    for (int wanted : plan.wantedOfFamily[family]) {
      offer(wanted, value, bytes);
    }
  }

  /** The family a name belongs to, which comes into being with the first mention of its name. */
  private int familyOf(int name) {
    int own = plan.ownFamily(name);
    if (own != ScanPlan.NONE && exists[own]) {
      return own;
    }
    int base = plan.baseFamily(name);
    if (base != ScanPlan.NONE) {
      boolean isPart =
          switch (type[base]) {
            case HISTOGRAM, GAUGE_HISTOGRAM -> true;
            case SUMMARY -> !plan.isBucket(name);
            case UNKNOWN, UNTYPED, GAUGE, COUNTER -> false;
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

  private void offer(int wanted, double value, byte[] bytes) {
    byte[][] required = plan.requiredLabels[wanted];
    for (int i = 0; i < required.length; i += 2) {
      if (!line.hasLabel(bytes, required[i], required[i + 1])) {
        return;
      }
    }
    if (!samples.isBetter(wanted, value, line.timestamp())) {
      return;
    }
    samples.take(wanted, value, line.timestamp());
    byte[][] captured = plan.capturedLabels[wanted];
    for (int i = 0; i < captured.length; i++) {
      int capture = plan.firstCapture[wanted] + i;
      int label = line.label(bytes, captured[i]);
      if (label < 0) {
        samples.takeNoLabel(capture);
      } else {
        samples.takeLabel(capture, bytes, line.valueStart(label), line.valueEnd(label));
      }
    }
  }

  /** The part of a sample's line behind the name: labels, value, timestamp. Reused. */
  private static final class SampleLine {

    // four numbers for each label: where its name starts and ends, where its value starts and ends
    private int[] spans = new int[64];
    private int labels;
    private double value;
    private long timestamp;

    /** Returns what is wrong, or null. */
    @Nullable String read(byte[] bytes, int from, int to) {
      labels = 0;
      timestamp = 0;
      int at = Bytes.afterBlanks(bytes, from, to);
      if (at < to && bytes[at] == '{') {
        at = readLabels(bytes, at + 1, to);
        if (at < 0) {
          return "a sample has malformed labels";
        }
        at = Bytes.afterBlanks(bytes, at, to);
      } else if (at == from) {
        return "a sample has a malformed metric name";
      }
      return readNumbers(bytes, at, to);
    }

    private @Nullable String readNumbers(byte[] bytes, int from, int to) {
      int end = Bytes.afterWord(bytes, from, to);
      if (!NumberText.isNumber(bytes, from, end)) {
        return "the value of a sample is not a number";
      }
      value = NumberText.parse(bytes, from, end);
      if (end == to) {
        return null;
      }
      int time = Bytes.afterBlanks(bytes, end, to);
      if (!NumberText.isInteger(bytes, time, to)) {
        return "the timestamp of a sample is not a whole number";
      }
      timestamp = NumberText.parseInteger(bytes, time, to);
      return null;
    }

    /** Reads from behind the opening brace; returns the place behind the closing one, or -1. */
    private int readLabels(byte[] bytes, int from, int to) {
      int at = Bytes.afterBlanks(bytes, from, to);
      while (at < to && bytes[at] != '}') {
        int nameEnd = Bytes.afterLabelName(bytes, at, to);
        int equals = Bytes.afterBlanks(bytes, nameEnd, to);
        if (nameEnd == at || equals == to || bytes[equals] != '=') {
          return -1;
        }
        int quote = Bytes.afterBlanks(bytes, equals + 1, to);
        int valueEnd = quote < to && bytes[quote] == '"' ? closingQuote(bytes, quote + 1, to) : -1;
        if (valueEnd < 0 || !add(at, nameEnd, quote + 1, valueEnd)) {
          return -1;
        }
        at = Bytes.afterBlanks(bytes, valueEnd + 1, to);
        if (at < to && bytes[at] == ',') {
          at = Bytes.afterBlanks(bytes, at + 1, to);
        } else if (at == to || bytes[at] != '}') {
          return -1;
        }
      }
      return at == to ? -1 : at + 1;
    }

    private static int closingQuote(byte[] bytes, int from, int to) {
      for (int at = from; at < to; at++) {
        if (bytes[at] == '"') {
          return at;
        }
        if (bytes[at] == '\\') {
          at++;
          if (at == to || (bytes[at] != '\\' && bytes[at] != '"' && bytes[at] != 'n')) {
            return -1;
          }
        }
      }
      return -1;
    }

    private boolean add(int nameStart, int nameEnd, int valueStart, int valueEnd) {
      if (labels == MAX_LABELS) {
        return false;
      }
      if (spans.length < 4 * (labels + 1)) {
        spans = Arrays.copyOf(spans, 2 * spans.length);
      }
      spans[4 * labels] = nameStart;
      spans[4 * labels + 1] = nameEnd;
      spans[4 * labels + 2] = valueStart;
      spans[4 * labels + 3] = valueEnd;
      labels++;
      return true;
    }

    double value() {
      return value;
    }

    long timestamp() {
      return timestamp;
    }

    int valueStart(int label) {
      return spans[4 * label + 2];
    }

    int valueEnd(int label) {
      return spans[4 * label + 3];
    }

    /** The number of the label with this name, or -1. */
    int label(byte[] bytes, byte[] name) {
      for (int i = 0; i < labels; i++) {
        if (Arrays.equals(bytes, spans[4 * i], spans[4 * i + 1], name, 0, name.length)) {
          return i;
        }
      }
      return -1;
    }

    /** Whether there is such a label with exactly this value. */
    boolean hasLabel(byte[] bytes, byte[] name, byte[] expected) {
      int label = label(bytes, name);
      return label >= 0
          && Bytes.equalsUnescaped(bytes, valueStart(label), valueEnd(label), expected);
    }
  }
}
