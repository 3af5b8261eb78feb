package ai.llmd.epp.adapter.metrics.scrape;

import ai.llmd.epp.domain.pool.EndpointLoad;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One page under the positions of one reading: the values of one engine, or of several put
 * together, and whether there was anything. A load that is negative or not finite is refused, and
 * the value known before stays; so it does where a family is not declared to be a number.
 */
final class EnginePage {

  private static final int QUOTED_CHARACTERS = 64;

  private final Samples samples;
  private final int first;
  private final Consumer<String> problems;
  private boolean hasAny;
  private boolean hasTaken;

  EnginePage(Samples samples, int first, Consumer<String> problems) {
    this.samples = samples;
    this.first = first;
    this.problems = problems;
  }

  /** Whether the page had anything that could be taken. */
  boolean hasAny() {
    return hasAny;
  }

  /** Whether the value asked for last was the page's, not the one known before. */
  boolean hasTaken() {
    return hasTaken;
  }

  /** Reports a series that the page lacks. */
  void expect(EngineReading.@Nullable Value value) {
    if (value != null) {
      has(value);
    }
  }

  private boolean has(EngineReading.Value value) {
    boolean isFound = samples.found(first + value.index());
    if (!isFound) {
      boolean hasFamily = samples.familySeen(first + value.index());
      problems.accept(hasFamily ? value.noMatch() : value.noFamily());
    }
    return isFound;
  }

  /** Whether the page has a series with labels; one that it lacks is not reported. */
  boolean hasLabelled(EngineReading.Value value) {
    boolean isFound = samples.found(first + value.index());
    hasAny |= isFound;
    return isFound;
  }

  int engines(EngineReading.Value value) {
    return samples.count(first + value.index());
  }

  /** The sum over the engines, truncated toward zero; beyond the range it is the greatest int. */
  int sum(EngineReading.@Nullable Value value, int otherwise) {
    double sum = total(value);
    return hasTaken ? (int) sum : otherwise;
  }

  /** The mean over the engines. */
  double mean(EngineReading.@Nullable Value value, double otherwise) {
    double sum = total(value);
    return hasTaken && value != null ? sum / engines(value) : otherwise;
  }

  private double total(EngineReading.@Nullable Value value) {
    double sum = 0;
    hasTaken = value != null && has(value);
    if (value != null && hasTaken && !isNumber(value)) {
      hasAny = true; // there is something, though not a load
      hasTaken = false;
    }
    for (int i = 0; value != null && hasTaken && i < engines(value); i++) {
      double one = samples.value(first + value.index(), i);
      if (!(one >= 0 && one <= Double.MAX_VALUE)) {
        problems.accept(value.noLoad());
        hasTaken = false;
      }
      sum += one;
    }
    hasAny |= hasTaken;
    return sum;
  }

  /** Whether the family has a type; all of its series have the same, as long as it has one. */
  private boolean isNumber(EngineReading.Value value) {
    for (int i = 0; i < engines(value); i++) {
      if (!samples.isNumber(first + value.index(), i)) {
        return false;
      }
    }
    return true;
  }

  /** What most engines report, the least of several such; truncated toward zero. */
  int common(EngineReading.@Nullable Value value, int otherwise) {
    total(value); // refuses what cannot be
    if (value == null || !hasTaken) {
      return otherwise;
    }
    int[] reported = new int[engines(value)];
    for (int i = 0; i < reported.length; i++) {
      reported[i] = (int) samples.value(first + value.index(), i);
    }
    return mostFrequent(reported, reported.length);
  }

  /** The number in a label that most engines have, or one of the others without label or series. */
  int commonLabel(
      EngineReading.@Nullable Value value, int label, int withoutLabel, int withoutSeries) {
    if (value == null || !hasLabelled(value)) {
      return withoutSeries;
    }
    int[] reported = new int[engines(value)];
    int count = 0;
    for (int i = 0; i < reported.length; i++) {
      Integer number = number(value, i, label);
      if (number != null) {
        reported[count++] = number;
      }
    }
    return count == 0 ? withoutLabel : mostFrequent(reported, count);
  }

  /** The sum of the numbers in a label; the other without a series that has it. */
  int sumOfLabels(EngineReading.@Nullable Value value, int label, int otherwise) {
    if (value == null || !hasLabelled(value)) {
      return otherwise;
    }
    long sum = 0;
    boolean hasNumber = false;
    for (int i = 0; i < engines(value); i++) {
      Integer number = number(value, i, label);
      hasNumber |= number != null;
      sum += number == null ? 0 : number;
    }
    return hasNumber ? Math.clamp(sum, Integer.MIN_VALUE, Integer.MAX_VALUE) : otherwise;
  }

  private static int mostFrequent(int[] numbers, int count) {
    int best = numbers[0];
    int bestTimes = 0;
    for (int i = 0; i < count; i++) {
      int times = 0;
      for (int j = 0; j < count; j++) {
        times += numbers[j] == numbers[i] ? 1 : 0;
      }
      if (times > bestTimes || (times == bestTimes && numbers[i] < best)) {
        best = numbers[i];
        bestTimes = times;
      }
    }
    return best;
  }

  @Nullable String label(EngineReading.Value value, int engine, int index) {
    return samples.label(first + value.index(), engine, index);
  }

  /** The whole number in a label of one engine's series; null when there is none. */
  @Nullable Integer number(EngineReading.Value value, int engine, int index) {
    String text = label(value, engine, index);
    if (text == null || text.isEmpty()) {
      return null;
    }
    try {
      return Integer.valueOf(text);
    } catch (NumberFormatException e) {
      String shown =
          text.length() <= QUOTED_CHARACTERS ? text : text.substring(0, QUOTED_CHARACTERS);
      String name = value.labels().get(index);
      problems.accept("label " + name + " is not a whole number: \"" + shown + "\"");
      return null;
    }
  }

  /** The previous attributes with the values of the page; the same map when nothing changed. */
  Map<String, Double> attributes(List<EngineReading.Custom> customs, Map<String, Double> previous) {
    Map<String, Double> changed = null;
    for (EngineReading.Custom custom : customs) {
      if (has(custom.value())) {
        hasAny = true;
        Double now = samples.value(first + custom.value().index());
        if (!now.equals(previous.get(custom.attribute()))) {
          changed = changed == null ? new HashMap<>(previous) : changed;
          changed.put(custom.attribute(), now);
        }
      }
    }
    return changed == null ? previous : changed;
  }

  /** Of the known attributes that this page lacks, when each was last read. */
  Map<String, Long> missing(List<EngineReading.Custom> customs, EndpointLoad previous) {
    Map<String, Long> before = previous.readAt().missingAttributes();
    Map<String, Long> missing = null;
    for (EngineReading.Custom custom : customs) {
      String attribute = custom.attribute();
      if (!samples.found(first + custom.value().index())
          && previous.attributes().containsKey(attribute)) {
        missing = missing == null ? new HashMap<>() : missing;
        missing.put(attribute, before.getOrDefault(attribute, previous.sampledAtNanos()));
      }
    }
    return missing == null ? Map.of() : missing;
  }
}
