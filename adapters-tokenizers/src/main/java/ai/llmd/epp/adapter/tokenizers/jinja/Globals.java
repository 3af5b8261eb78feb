package ai.llmd.epp.adapter.tokenizers.jinja;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/** The functions that templates can call. */
final class Globals {

  /** Their names. */
  static final Set<String> NAMES =
      Set.of("dict", "namespace", "raise_exception", "range", "strftime_now");

  private static final int MAX_RANGE = 100_000;

  private static final Map<Character, String> PATTERNS =
      Map.ofEntries(
          Map.entry('Y', "yyyy"),
          Map.entry('y', "yy"),
          Map.entry('m', "MM"),
          Map.entry('d', "dd"),
          Map.entry('B', "MMMM"),
          Map.entry('b', "MMM"),
          Map.entry('h', "MMM"),
          Map.entry('A', "EEEE"),
          Map.entry('a', "EEE"),
          Map.entry('H', "HH"),
          Map.entry('I', "hh"),
          Map.entry('M', "mm"),
          Map.entry('S', "ss"),
          Map.entry('p', "a"),
          Map.entry('j', "DDD"),
          Map.entry('F', "yyyy-MM-dd"),
          Map.entry('T', "HH:mm:ss"),
          Map.entry('D', "MM/dd/yy"));

  private final Supplier<LocalDateTime> now;

  /**
   * @param now the time where the model servers are
   */
  Globals(Supplier<LocalDateTime> now) {
    this.now = now;
  }

  void addTo(Scope scope) {
    scope.set("range", (Function) Globals::range);
    scope.set("namespace", (Function) arguments -> new Namespace(members(arguments)));
    scope.set("dict", (Function) Globals::members);
    scope.set("strftime_now", (Function) this::formattedTime);
    scope.set(
        "raise_exception",
        (Function)
            arguments -> {
              throw new TemplateException("the template refuses what it is to render");
            });
  }

  private static Map<String, Object> members(Arguments arguments) {
    Map<String, Object> members = new LinkedHashMap<>();
    for (Object given : arguments.positional()) {
      if (!(given instanceof Map<?, ?> map)) {
        throw new TemplateException("a dict is made of " + Values.typeName(given));
      }
      Effort.spend(Values.weight(map));
      map.forEach((key, value) -> members.put(Values.requireText(key), value));
    }
    members.putAll(arguments.named());
    return members;
  }

  private static Object range(Arguments arguments) {
    arguments.atMost(3);
    long first = arguments.integer(0, "start", 0);
    boolean hasStart = arguments.count() > 1;
    long start = hasStart ? first : 0;
    long stop = hasStart ? arguments.integer(1, "stop", 0) : first;
    long step = arguments.integer(2, "step", 1);
    if (step == 0) {
      throw new TemplateException("a range has steps of 0");
    }
    long count = Math.max(0, Math.ceilDiv(distance(start, stop), step));
    if (count > MAX_RANGE) {
      throw new TemplateException("a range is longer than " + MAX_RANGE);
    }
    return LongStream.range(0, count).<Object>mapToObj(i -> start + i * step).toList();
  }

  private static long distance(long start, long stop) {
    try {
      return Math.subtractExact(stop, start);
    } catch (ArithmeticException e) {
      throw new TemplateException("a range is longer than any number");
    }
  }

  private Object formattedTime(Arguments arguments) {
    String format = arguments.atMost(1).text(0, "format", "");
    LocalDateTime time = now.get();
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%' || i + 1 == format.length()) {
        out.append(c);
        continue;
      }
      boolean isShort = format.charAt(++i) == '-' && i + 1 < format.length();
      char directive = isShort ? format.charAt(++i) : format.charAt(i);
      String written = directive(directive, time);
      out.append(isShort ? shortened(written) : written);
    }
    return out.toString();
  }

  private static String shortened(String number) {
    return number.length() > 1 && number.startsWith("0") ? shortened(number.substring(1)) : number;
  }

  private static String directive(char directive, LocalDateTime time) {
    if (directive == '%') {
      return "%";
    }
    String pattern = PATTERNS.get(directive);
    if (pattern == null) {
      throw new TemplateException("the time format %" + directive + " is not supported");
    }
    return DateTimeFormatter.ofPattern(pattern, Locale.US).format(time);
  }
}
