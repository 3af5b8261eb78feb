package ai.llmd.epp.adapter.telemetry.trace;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Names of spans that are made of a plugin's type, once for each type that there is. */
final class SpanNames {

  private static final Map<String, String> SCORERS = new ConcurrentHashMap<>();
  private static final Map<String, Map<String, String>> STEPS = new ConcurrentHashMap<>();

  private SpanNames() {}

  /** {@code llm_d.epp.scorer.queue-scorer} of {@code queue-scorer}. */
  static String ofScorer(String type) {
    return SCORERS.computeIfAbsent(type, "llm_d.epp.scorer."::concat);
  }

  /**
   * {@code llm_d.epp.data_producer.session-id-producer} of {@code DataProducer} and {@code
   * session-id-producer}.
   */
  static String ofStep(String extensionPoint, String type) {
    Map<String, String> ofPoint =
        STEPS.computeIfAbsent(extensionPoint, point -> new ConcurrentHashMap<>());
    String known = ofPoint.get(type);
    if (known == null) {
      known = "llm_d.epp." + snakeCase(extensionPoint) + '.' + type;
      ofPoint.put(type, known);
    }
    return known;
  }

  /** {@code data_producer} of {@code DataProducer}. */
  private static String snakeCase(String extensionPoint) {
    StringBuilder name = new StringBuilder(extensionPoint.length() + 4);
    for (int i = 0; i < extensionPoint.length(); i++) {
      char c = extensionPoint.charAt(i);
      boolean isUpper = c >= 'A' && c <= 'Z';
      if (isUpper && i > 0 && Character.isLowerCase(extensionPoint.charAt(i - 1))) {
        name.append('_');
      }
      name.append(isUpper ? (char) (c + ('a' - 'A')) : c);
    }
    return name.toString();
  }
}
