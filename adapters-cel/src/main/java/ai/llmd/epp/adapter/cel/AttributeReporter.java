package ai.llmd.epp.adapter.cel;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.routing.Termination;
import ai.llmd.epp.domain.routing.Usage;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reports to the gateway, at the end of a response, a number computed from the response's token
 * usage, such as its cost: a rate limiter behind the gateway can then charge for it.
 *
 * <p>The number is cut to an integer. Nothing is reported when the condition does not hold, when
 * the response was not completed, or when the result is 0, -1, no finite number or no number at
 * all. An expression that fails for one response is reported as the plugin's fault; the response
 * goes on.
 */
public final class AttributeReporter implements PreRequest {

  public static final PluginType<Parameters> TYPE =
      PluginType.of(
          "request-attribute-reporter", new Parameters(List.of()), AttributeReporter::new);

  /**
   * What is reported.
   *
   * @param attributes exactly one
   */
  public record Parameters(List<Attribute> attributes) {
    public Parameters {
      attributes = List.copyOf(attributes);
    }
  }

  /**
   * One number and how it is computed.
   *
   * @param expression in CEL over {@code usage}; required
   * @param condition in CEL over {@code usage}; empty for always
   */
  public record Attribute(Key key, String expression, String condition) {
    public Attribute {
      if (key.name().isEmpty()) {
        throw new IllegalArgumentException("key.name is required");
      }
      if (expression.isEmpty()) {
        throw new IllegalArgumentException("expression is required");
      }
    }
  }

  /**
   * Where the gateway finds the number: in its dynamic metadata.
   *
   * @param namespace {@code envoy.lb} when empty
   * @param name within the namespace; required
   */
  public record Key(String namespace, String name) {
    public Key {
      if (namespace.isEmpty()) {
        namespace = "envoy.lb";
      }
    }
  }

  private final Key key;
  private final UsageExpression expression;
  private final @Nullable UsageExpression condition;

  /**
   * @throws IllegalArgumentException when there is not exactly one attribute, or with the reason
   *     why its expression or condition does not compile
   */
  public AttributeReporter(Parameters parameters) {
    if (parameters.attributes().size() != 1) {
      throw new IllegalArgumentException(
          "attributes must have exactly one entry, had " + parameters.attributes().size());
    }
    Attribute attribute = parameters.attributes().getFirst();
    key = attribute.key();
    expression = UsageExpression.compile("expression", attribute.expression());
    condition =
        attribute.condition().isEmpty()
            ? null
            : UsageExpression.compile("condition", attribute.condition());
  }

  @Override
  public ResponseObserver onRouted(RoutedRequest routed) {
    return new ResponseObserver() {
      @Override
      public Map<String, Map<String, Object>> onEnd(ResponseSummary summary) {
        return summary.termination() == Termination.NATURAL ? report(summary.usage()) : Map.of();
      }
    };
  }

  private Map<String, Map<String, Object>> report(Usage usage) {
    Map<String, Object> variables = UsageExpression.variables(usage);
    if (condition != null && !Boolean.TRUE.equals(condition.evaluate(variables))) {
      return Map.of();
    }
    double number = asInteger(expression.evaluate(variables));
    return number == 0 || number == -1
        ? Map.of()
        : Map.of(key.namespace(), Map.of(key.name(), number));
  }

  /** The result without its fraction; 0 for what is no number. */
  private static double asInteger(@Nullable Object result) {
    return switch (result) {
      case Long integer -> integer;
      case Double number when Double.isFinite(number) -> (double) number.longValue();
      case null, default -> 0;
    };
  }
}
