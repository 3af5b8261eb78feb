package ai.llmd.epp.simulator.settings;

import java.time.Duration;
import java.util.List;

/**
 * What goes wrong on purpose.
 *
 * @param errorPercent share of completion requests that get an error, 0 to 100
 * @param types the errors to choose from, at least one
 * @param dropPercent share of completion requests whose connection closes without an answer, 0 to
 *     100
 * @param delay how long every completion request rests before it is handled
 */
public record Failures(int errorPercent, List<FailureType> types, int dropPercent, Duration delay) {

  public Failures {
    types = List.copyOf(types);
    percent("failure-injection-rate", errorPercent);
    percent("connection-drop-rate", dropPercent);
    if (types.isEmpty()) {
      throw new IllegalArgumentException("failure-types must name at least one type");
    }
  }

  private static void percent(String flag, int value) {
    if (value < 0 || value > 100) {
      throw new IllegalArgumentException(flag + " must be within 0 and 100, was " + value);
    }
  }
}
