package ai.llmd.epp.adapter.admin;

import ai.llmd.epp.application.DecisionRecord;
import ai.llmd.epp.domain.pool.Endpoint;
import java.util.Locale;
import java.util.Map;

/**
 * Which decisions a watcher wants to see. Texts match anywhere, in any case; empty ones match all.
 *
 * @param model the requested model or the one that serves
 * @param endpoint one that was picked, by name or address
 * @param fairnessId whose turn it was
 */
record DecisionFilter(String model, String endpoint, String fairnessId, Outcome outcome) {

  private static final int MAX_TEXT = 256; // characters; longer ones match nothing that is shown

  /** What became of a request. */
  enum Outcome {
    ANY,
    ROUTE,
    REJECT,
    /** A step was skipped or failed, whatever became of the request. */
    DEGRADED
  }

  static final DecisionFilter ALL = new DecisionFilter("", "", "", Outcome.ANY);

  /**
   * Reads the parameters {@code model}, {@code endpoint}, {@code fairness} and {@code outcome}.
   *
   * @throws IllegalArgumentException for an outcome that there is not
   */
  static DecisionFilter of(Map<String, String> query) {
    return new DecisionFilter(
        text(query, "model"),
        text(query, "endpoint"),
        text(query, "fairness"),
        outcome(query.getOrDefault("outcome", "")));
  }

  private static String text(Map<String, String> query, String name) {
    String text = query.getOrDefault(name, "").strip().toLowerCase(Locale.ROOT);
    return text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) : text;
  }

  private static Outcome outcome(String text) {
    return switch (text) {
      case "", "any" -> Outcome.ANY;
      case "route" -> Outcome.ROUTE;
      case "reject" -> Outcome.REJECT;
      case "degraded" -> Outcome.DEGRADED;
      default ->
          throw new IllegalArgumentException("outcome must be any, route, reject or degraded");
    };
  }

  boolean matches(DecisionRecord decision) {
    return isOutcome(decision)
        && (contains(decision.labels().incomingModel(), model)
            || contains(decision.labels().targetModel(), model))
        && contains(decision.labels().fairnessId(), fairnessId)
        && isAt(decision);
  }

  private boolean isOutcome(DecisionRecord decision) {
    return switch (outcome) {
      case ANY -> true;
      case ROUTE -> decision.refusal() == null;
      case REJECT -> decision.refusal() != null;
      case DEGRADED -> isDegraded(decision);
    };
  }

  static boolean isDegraded(DecisionRecord decision) {
    return decision.steps().stream().anyMatch(step -> !step.degraded().isEmpty());
  }

  private boolean isAt(DecisionRecord decision) {
    if (endpoint.isEmpty()) {
      return true;
    }
    for (Endpoint picked : decision.endpoints()) {
      if (contains(picked.id().toString(), endpoint) || contains(picked.hostPort(), endpoint)) {
        return true;
      }
    }
    return false;
  }

  private static boolean contains(String text, String part) {
    return part.isEmpty() || text.toLowerCase(Locale.ROOT).contains(part);
  }
}
