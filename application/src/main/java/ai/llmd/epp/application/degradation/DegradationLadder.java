package ai.llmd.epp.application.degradation;

import ai.llmd.epp.application.port.out.DegradationObserver;
import ai.llmd.epp.application.port.out.DegradationObserver.Degradation;
import ai.llmd.epp.application.port.out.DegradationObserver.Step;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Derives which steps of degradation are in force, from what the parts of the program know anyway.
 *
 * <p>A step begins when two looks in a row have found its cause, and ends when ten in a row have
 * not: what flaps is shown as degraded, and not reported with every turn. One thread looks; any
 * reads.
 */
public final class DegradationLadder {

  static final int LOOKS_TO_BEGIN = 2;
  static final int LOOKS_TO_END = 10;

  private final Supplier<Set<Step>> causes;
  private final List<DegradationObserver> observers;
  private final Map<Step, Integer> looks = new EnumMap<>(Step.class); // in a row, against `current`
  private volatile Degradation current = Degradation.NONE;

  /**
   * @param causes the steps whose causes there are now
   * @param observers notified of every change, in this order
   */
  public DegradationLadder(Supplier<Set<Step>> causes, List<DegradationObserver> observers) {
    this.causes = causes;
    this.observers = List.copyOf(observers);
  }

  /** What is given up; any thread. */
  public Degradation current() {
    return current;
  }

  /** Looks at the causes, once a second, say. */
  public void look() {
    Set<Step> found = causes.get();
    EnumSet<Step> steps = EnumSet.noneOf(Step.class);
    for (Step step : Step.values()) {
      if (isInForce(step, found.contains(step))) {
        steps.add(step);
      }
    }
    if (!steps.equals(current.steps())) {
      Degradation now = new Degradation(steps);
      current = now;
      observers.forEach(observer -> observer.changed(now));
    }
  }

  private boolean isInForce(Step step, boolean isFound) {
    boolean isInForce = current.steps().contains(step);
    int against = isFound == isInForce ? 0 : looks.getOrDefault(step, 0) + 1;
    boolean isChange = against >= (isInForce ? LOOKS_TO_END : LOOKS_TO_BEGIN);
    looks.put(step, isChange ? 0 : against);
    return isInForce != isChange;
  }
}
