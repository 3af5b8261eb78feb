package ai.llmd.epp.application.waiting;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * How long the steps of a configuration may wait, one by one and together.
 *
 * @param budgets by the name of a plugin, instead of what it asks for; each more than 0
 * @param breaking when a step is not waited for any more
 * @param messageTimeout the gateway gives a request up that is not answered by then; zero where
 *     that is not known
 * @param deadlineHeaders names of headers by which clients and proxies tell how long they wait, in
 *     lower case; see {@link ClientDeadline}
 */
public record WaitingRules(
    Map<String, Duration> budgets,
    Breaking breaking,
    Duration messageTimeout,
    List<String> deadlineHeaders) {

  /** Headers that are known to be sent. */
  public static final List<String> KNOWN_DEADLINES =
      List.of(
          "x-envoy-expected-rq-timeout-ms",
          "x-envoy-upstream-rq-timeout-ms",
          "grpc-timeout",
          "x-stainless-timeout",
          "x-stainless-read-timeout");

  /** Every plugin's own budget. */
  public static final WaitingRules DEFAULT =
      new WaitingRules(Map.of(), Breaking.DEFAULT, Duration.ZERO, KNOWN_DEADLINES);

  public WaitingRules {
    budgets = Map.copyOf(budgets);
    deadlineHeaders = List.copyOf(deadlineHeaders);
  }

  /** A plugin's budget. */
  Duration budget(String plugin, Duration wish) {
    return budgets.getOrDefault(plugin, wish);
  }
}
