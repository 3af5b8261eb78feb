package ai.llmd.epp.configuration;

import ai.llmd.epp.application.waiting.Breaking;
import ai.llmd.epp.application.waiting.WaitingRules;
import ai.llmd.epp.commandline.GoDuration;
import ai.llmd.epp.configuration.ConfigurationFile.Breaker;
import ai.llmd.epp.configuration.ConfigurationFile.StepBudget;
import ai.llmd.epp.configuration.ConfigurationFile.Waiting;
import ai.llmd.epp.yaml.LocatedText;
import ai.llmd.epp.yaml.Problems;
import ai.llmd.epp.yaml.SourceLocation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Section {@code waiting}: reads it, and writes it with its defaults. */
final class WaitingAssembly {

  private static final int MAX_HEADERS = 16;

  private final Instances instances;
  private final Problems problems;

  WaitingAssembly(Instances instances, Problems problems) {
    this.instances = instances;
    this.problems = problems;
  }

  /** The rules; what is absent has its default, what is wrong has been reported. */
  WaitingRules rules(@Nullable Waiting written) {
    if (written == null) {
      return WaitingRules.DEFAULT;
    }
    return new WaitingRules(
        budgets(written.budgets()),
        breaking(written.breaker()),
        timeout(written),
        headers(written));
  }

  private Map<String, Duration> budgets(List<StepBudget> written) {
    Map<String, Duration> budgets = new HashMap<>();
    for (StepBudget one : written) {
      String name = one.pluginRef().value();
      if (name.isEmpty()) {
        problems.add(one.spot().field("pluginRef"), "is missing");
      } else if (!instances.has(name)) {
        problems.add(one.pluginRef().spot(), "no plugin is called \"" + name + '"');
      } else if (budgets.put(name, positive(one.spot(), "budget", one.budget())) != null) {
        problems.add(one.pluginRef().spot(), "\"" + name + "\" has another budget");
      }
    }
    return budgets;
  }

  private Duration positive(SourceLocation spot, String field, @Nullable Duration written) {
    if (written == null) {
      problems.add(spot.field(field), "is missing");
    } else if (!written.isPositive()) {
      problems.add(spot.field(field), "must be more than 0, was " + GoDuration.format(written));
    } else {
      return written;
    }
    return Duration.ofMillis(1);
  }

  private Breaking breaking(@Nullable Breaker written) {
    if (written == null) {
      return Breaking.DEFAULT;
    }
    @Nullable Integer after = written.afterSpentBudgets();
    if (after != null && after < 1) {
      problems.add(written.spot().field("afterSpentBudgets"), "must be 1 or more, was " + after);
      after = null;
    }
    return new Breaking(
        after == null ? Breaking.DEFAULT.afterSpentBudgets() : after,
        written.pause() == null
            ? Breaking.DEFAULT.pause()
            : positive(written.spot(), "pause", written.pause()));
  }

  private Duration timeout(Waiting written) {
    Duration timeout = written.messageTimeout();
    if (timeout == null) {
      return Duration.ZERO;
    }
    if (timeout.isNegative()) {
      problems.add(
          written.spot().field("messageTimeout"),
          "must be 0 or more, was " + GoDuration.format(timeout));
    }
    return timeout;
  }

  private List<String> headers(Waiting written) {
    List<String> names = new ArrayList<>();
    for (LocatedText name : written.deadlineHeaders()) {
      if (!ConfigurationDocument.HEADER_NAME.matcher(name.value()).matches()) {
        problems.add(name.spot(), "must be the name of a header, was \"" + name + '"');
      }
      names.add(name.value().toLowerCase(Locale.ROOT));
    }
    if (names.size() > MAX_HEADERS) {
      problems.add(
          written.spot().field("deadlineHeaders"),
          "may name %d headers, names %d".formatted(MAX_HEADERS, names.size()));
    }
    return names.isEmpty() ? WaitingRules.KNOWN_DEADLINES : names;
  }

  /** The section with all of its fields. */
  static Map<String, @Nullable Object> tree(WaitingRules rules) {
    List<Map<String, Object>> budgets = new ArrayList<>();
    rules.budgets().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(
            entry -> {
              Map<String, Object> budget = new LinkedHashMap<>();
              budget.put("pluginRef", entry.getKey());
              budget.put("budget", GoDuration.format(entry.getValue()));
              budgets.add(budget);
            });
    Map<String, Object> breaker = new LinkedHashMap<>();
    breaker.put("afterSpentBudgets", rules.breaking().afterSpentBudgets());
    breaker.put("pause", GoDuration.format(rules.breaking().pause()));
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("budgets", budgets);
    fields.put("breaker", breaker);
    fields.put("messageTimeout", GoDuration.format(rules.messageTimeout()));
    fields.put("deadlineHeaders", rules.deadlineHeaders());
    return fields;
  }
}
