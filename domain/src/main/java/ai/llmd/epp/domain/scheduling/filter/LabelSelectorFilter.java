package ai.llmd.epp.domain.scheduling.filter;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.scheduling.Filter;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Keeps the endpoints whose labels match a Kubernetes label selector. Every term must match; no
 * term keeps everything.
 */
public final class LabelSelectorFilter implements Filter {

  public static final PluginType<Parameters> TYPE =
      PluginType.of(
          "label-selector-filter", new Parameters(Map.of(), List.of()), LabelSelectorFilter::new);

  /** The old name. It also reports itself under it, as dashboards expect. */
  public static final PluginType<Parameters> DEPRECATED_TYPE =
      new PluginType<>(
          "by-label-selector",
          TYPE.defaults(),
          TYPE.factory(),
          TYPE.stability(),
          "by-label-selector",
          TYPE.name(),
          null);

  /**
   * A selector as in Kubernetes' {@code LabelSelector}.
   *
   * @param matchLabels labels that must have exactly these values
   * @param matchExpressions further terms
   */
  public record Parameters(Map<String, String> matchLabels, List<Expression> matchExpressions) {

    public Parameters {
      matchLabels = Map.copyOf(matchLabels);
      matchExpressions = List.copyOf(matchExpressions);
      matchLabels.forEach(
          (key, value) -> {
            LabelSyntax.checkKey("matchLabels", key);
            LabelSyntax.checkValue("matchLabels", value);
          });
    }
  }

  /**
   * One term of a selector.
   *
   * @param key name of the label
   * @param operator {@code In}, {@code NotIn}, {@code Exists} or {@code DoesNotExist}
   * @param values one or more for {@code In} and {@code NotIn}, none otherwise
   */
  public record Expression(String key, String operator, List<String> values) {

    public Expression {
      values = List.copyOf(values);
      LabelSyntax.checkKey("key", key);
      boolean needsValues =
          switch (operator) {
            case "In", "NotIn" -> true;
            case "Exists", "DoesNotExist" -> false;
            default ->
                throw new IllegalArgumentException(
                    "operator must be In, NotIn, Exists or DoesNotExist, was \"" + operator + '"');
          };
      if (needsValues == values.isEmpty()) {
        throw new IllegalArgumentException(
            "values must be " + (needsValues ? "given" : "empty") + " for operator " + operator);
      }
      values.forEach(value -> LabelSyntax.checkValue("values", value));
    }

    private Predicate<Map<String, String>> compiled() {
      return switch (operator) {
        case "In" -> labels -> labels.containsKey(key) && values.contains(labels.get(key));
        case "NotIn" -> labels -> !labels.containsKey(key) || !values.contains(labels.get(key));
        case "Exists" -> labels -> labels.containsKey(key);
        default -> labels -> !labels.containsKey(key);
      };
    }
  }

  private final List<Predicate<Map<String, String>>> terms;

  public LabelSelectorFilter(Parameters parameters) {
    List<Predicate<Map<String, String>>> all = new ArrayList<>();
    parameters
        .matchLabels()
        .forEach((key, value) -> all.add(labels -> value.equals(labels.get(key))));
    parameters.matchExpressions().forEach(expression -> all.add(expression.compiled()));
    this.terms = List.copyOf(all);
  }

  @Override
  public Candidates filter(SchedulingCycle cycle) {
    return cycle.candidates().where(candidate -> matches(candidate.endpoint().labels()));
  }

  /** Whether all terms hold for an endpoint's labels. */
  public boolean matches(Map<String, String> labels) {
    for (int i = 0; i < terms.size(); i++) {
      if (!terms.get(i).test(labels)) {
        return false;
      }
    }
    return true;
  }
}
