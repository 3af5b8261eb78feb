package ai.llmd.epp.application.port.out;

import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Observes what decisions of this replica have to do without. One thread; never blocks. */
public interface DegradationObserver {

  /** Other steps are in force than before. */
  void changed(Degradation now);

  /**
   * What may be given up, in the order of what it costs: each step costs more than those before.
   */
  enum Step {
    /** Nothing is given up. */
    FULL(0, "nothing is given up"),
    API_SERVER_AWAY(1, "the pool stays as it was: the API server sends no changes"),
    STATE_STORE_AWAY(2, "what peers learn is missing: the state store is away"),
    PREFIXES_INCOMPLETE(
        8, "exact prefixes of some endpoints are known in part: events are missing"),
    PREFIXES_DISTRUSTED(
        9, "exact prefixes of some endpoints proved wrong: where prompts were sent counts there"),
    ENDPOINTS_OUT(3, "some endpoints get no requests, since they fail"),
    PLUGINS_SKIPPED(4, "some plugins are skipped, since they kept spending their budget"),
    LOADS_PARTLY_UNKNOWN(5, "the load of some endpoints is not known"),
    LOADS_UNKNOWN(6, "the load of no endpoint is known"),
    ALL_ENDPOINTS_OUT(7, "every endpoint fails, so none is avoided");

    private final int number;
    private final String sentence;

    Step(int number, String sentence) {
      this.number = number;
      this.sentence = sentence;
    }

    /**
     * 0 for nothing. Dashboards know it: it does not change, so that a step that was added later
     * has a number above those that cost more.
     */
    public int number() {
      return number;
    }

    /** As metrics and pages show it: lower case, with underscores. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** What is lost, and why; for the operator. */
    public String sentence() {
      return sentence;
    }
  }

  /**
   * What is given up at one time.
   *
   * @param steps those in force, in their order; never {@link Step#FULL}
   */
  record Degradation(Set<Step> steps) {

    public static final Degradation NONE = new Degradation(Set.of());

    public Degradation {
      steps = Collections.unmodifiableSet(copy(steps));
    }

    private static Set<Step> copy(Collection<Step> steps) {
      EnumSet<Step> copy = EnumSet.noneOf(Step.class);
      copy.addAll(steps);
      if (copy.contains(Step.FULL)) {
        throw new IllegalArgumentException("where nothing is given up, there is no step");
      }
      return copy;
    }

    /** The step that costs most of those in force; {@link Step#FULL} without any. */
    public Step step() {
      Step worst = Step.FULL;
      for (Step step : steps) {
        worst = step;
      }
      return worst;
    }

    /** A line for the operator; empty when nothing is given up. */
    public String detail() {
      return steps.stream().map(Step::sentence).collect(Collectors.joining("; "));
    }

    /** The labels of the steps in force, separated by commas; {@code full} without any. */
    public String labels() {
      return steps.isEmpty()
          ? Step.FULL.label()
          : steps.stream().map(Step::label).collect(Collectors.joining(", "));
    }
  }
}
