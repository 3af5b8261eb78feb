package ai.llmd.epp.configuration;

import ai.llmd.epp.yaml.LocatedText;
import ai.llmd.epp.yaml.NearestName;
import ai.llmd.epp.yaml.Problems;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Switches for features that are not settled yet.
 *
 * @param flowControl queues in front of the scheduler
 * @param haPopulateNonLeaderDatastore replicas that do not lead keep a populated pool as well
 * @param unreportedLoadsAreZero what a model server has never reported counts as zero, as in the
 *     reference
 * @param conditionalDecode {@code Prefer: if-available} counts even where nothing in the
 *     configuration shows that coordinators send it
 */
public record FeatureGates(
    boolean flowControl,
    boolean haPopulateNonLeaderDatastore,
    boolean unreportedLoadsAreZero,
    boolean conditionalDecode) {

  private static final String FLOW_CONTROL = "flowControl";
  private static final String POPULATE = "haPopulateNonLeaderDatastore";
  private static final String ZERO = "unreportedLoadsAreZero";
  private static final String CONDITIONAL_DECODE = "conditionalDecode";

  /** Reads {@code name} and {@code name=value} entries; later ones win. */
  static FeatureGates read(List<LocatedText> entries, Problems problems) {
    Map<String, Boolean> gates = new LinkedHashMap<>();
    gates.put(FLOW_CONTROL, false);
    gates.put(POPULATE, true);
    gates.put(ZERO, false);
    gates.put(CONDITIONAL_DECODE, false);
    for (LocatedText entry : entries) {
      String[] parts = entry.value().split("=", -1);
      if (!gates.containsKey(parts[0])) {
        problems.add(
            entry.spot(),
            "unknown feature gate \""
                + parts[0]
                + "\"; "
                + NearestName.suggestion(parts[0], gates.keySet()));
        continue;
      }
      switch (parts.length == 1 ? "true" : parts[1].strip().toLowerCase(Locale.ROOT)) {
        case "1", "t", "true" -> gates.put(parts[0], true);
        case "0", "f", "false" -> gates.put(parts[0], false);
        default ->
            problems.add(
                entry.spot(),
                "feature gate " + parts[0] + " must be true or false, was \"" + parts[1] + '"');
      }
    }
    return new FeatureGates(
        Boolean.TRUE.equals(gates.get(FLOW_CONTROL)),
        Boolean.TRUE.equals(gates.get(POPULATE)),
        Boolean.TRUE.equals(gates.get(ZERO)),
        Boolean.TRUE.equals(gates.get(CONDITIONAL_DECODE)));
  }

  /** Every gate as {@code name=value}, as a configuration has it. */
  List<String> entries() {
    return List.of(
        FLOW_CONTROL + "=" + flowControl,
        POPULATE + "=" + haPopulateNonLeaderDatastore,
        ZERO + "=" + unreportedLoadsAreZero,
        CONDITIONAL_DECODE + "=" + conditionalDecode);
  }
}
