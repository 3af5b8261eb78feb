package ai.llmd.epp.simulator.settings;

import ai.llmd.epp.simulator.engine.Latencies;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The settings that can change while a server runs, as one value that is replaced as a whole.
 *
 * @param latencies how long things take
 * @param failures what goes wrong on purpose
 * @param fakeMetrics gauges to report instead of the real ones, null for the real ones
 * @param assigned the flags that made this value, by name without dashes, in the order given
 */
public record Tuning(
    Latencies latencies,
    Failures failures,
    @Nullable FakeMetrics fakeMetrics,
    Map<String, String> assigned) {

  public Tuning {
    assigned = Collections.unmodifiableMap(new LinkedHashMap<>(assigned));
  }

  /**
   * This tuning with some flags changed.
   *
   * @param changes values by flag name without dashes; an empty value restores the flag's default
   * @throws IllegalArgumentException when one of them is unknown or wrong; this value stays valid
   */
  public Tuning with(Map<String, String> changes) {
    Map<String, String> all = new LinkedHashMap<>(assigned);
    all.putAll(changes);
    all.values().removeIf(String::isEmpty);
    return TunableFlags.tuning(all);
  }
}
