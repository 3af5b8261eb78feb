package ai.llmd.epp.adapter.telemetry.trace;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Names of spans that are made of a plugin's type, once for each type that there is. */
final class SpanNames {

  /** Begins the names of scorers' spans and of their attributes. */
  static final String SCORER = "llm_d.epp.scorer.";

  private static final Map<String, String> SCORERS = new ConcurrentHashMap<>();
  private static final Map<String, Map<String, String>> STEPS = new ConcurrentHashMap<>();

  private SpanNames() {}

  /** {@code llm_d.epp.scorer.queue-scorer} of {@code queue-scorer}. */
  static String ofScorer(String type) {
    return SCORERS.computeIfAbsent(type, SCORER::concat);
  }

  /**
   * {@code llm_d.epp.data_producer.session-id-producer} of {@code DataProducer} and {@code
   * session-id-producer}.
   */
  static String ofStep(String extensionPoint, String type) {
    return STEPS
        .computeIfAbsent(extensionPoint, point -> new ConcurrentHashMap<>())
        .computeIfAbsent(type, it -> "llm_d.epp." + snakeCase(extensionPoint) + '.' + it);
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
