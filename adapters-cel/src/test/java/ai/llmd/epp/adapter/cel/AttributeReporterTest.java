package ai.llmd.epp.adapter.cel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.adapter.cel.AttributeReporter.Attribute;
import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.RoutedRequests;
import ai.llmd.epp.domain.routing.Termination;
import ai.llmd.epp.domain.routing.Usage;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AttributeReporterTest {

  private static final Usage USAGE = new Usage(7, 30, 37, -1);
  private static final Usage WITH_CACHED = new Usage(7, 30, 37, 5);
  private static final AttributeReporter.Key COST = new AttributeReporter.Key("", "cost");

  private static AttributeReporter reporter(String expression, String condition) {
    return new AttributeReporter(
        new AttributeReporter.Parameters(List.of(new Attribute(COST, expression, condition))));
  }

  private static Map<String, Map<String, Object>> report(
      AttributeReporter reporter, Usage usage, Termination termination) {
    return reporter
        .onRouted(RoutedRequests.any())
        .onEnd(new ResponseSummary(termination, usage, false, 100, 0, 1, 2));
  }

  private static Map<String, Map<String, Object>> report(String expression, Usage usage) {
    return report(reporter(expression, ""), usage, Termination.NATURAL);
  }

  private static Map<String, Map<String, Object>> cost(double number) {
    return Map.of("envoy.lb", Map.of("cost", number));
  }

  @ParameterizedTest
  @CsvSource({
    "usage.prompt_tokens, 7",
    "usage.completion_tokens, 30",
    "usage.total_tokens, 37",
    "usage.prompt_tokens_details.cached_tokens, 5",
    "usage.prompt_tokens + 4.0 * usage.completion_tokens, 127",
    "usage.completion_tokens > 20 ? 2 : 1, 2",
    "usage.prompt_tokens / 2.0, 3",
    "usage.prompt_tokens / -2.0, -3",
    "int(usage.completion_tokens) / 4, 7"
  })
  void reportsAnIntegerComputedFromTheUsage(String expression, double expected) {
    assertThat(report(expression, WITH_CACHED)).isEqualTo(cost(expected));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "0.9",
        "-1",
        "-1.5",
        "true",
        "null",
        "\"30\"",
        "usage",
        "usage.prompt_tokens / 0.0",
        "0.0 / 0.0"
      })
  void reportsNothingThatIsNoUsefulNumber(String expression) {
    assertThat(report(expression, USAGE)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "has(usage.completion_tokens), true",
    "has(usage.prompt_tokens_details), false",
    "usage.completion_tokens < 30, false",
    "usage.completion_tokens, false",
  })
  void reportsOnlyWhatTheConditionAllows(String condition, boolean isReported) {
    var reported = report(reporter("usage.total_tokens", condition), USAGE, Termination.NATURAL);
    assertThat(reported).isEqualTo(isReported ? cost(37) : Map.of());
  }

  @Test
  void reportsNothingOfAResponseThatWasNotCompleted() {
    for (Termination termination : Termination.values()) {
      assertThat(report(reporter("1", ""), USAGE, termination))
          .isEqualTo(termination == Termination.NATURAL ? cost(1) : Map.of());
    }
  }

  @Test
  void writesIntoTheNamespaceThatIsAskedFor() {
    var key = new AttributeReporter.Key("my.filter", "spent");
    var reporter =
        new AttributeReporter(
            new AttributeReporter.Parameters(
                List.of(new Attribute(key, "usage.total_tokens", ""))));
    assertThat(report(reporter, USAGE, Termination.NATURAL))
        .isEqualTo(Map.of("my.filter", Map.of("spent", 37.0)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"usage.prompt_tokens_details.cached_tokens", "usage.total_tokens + 1", "1 / 0"})
  void failsForAResponseThatTheExpressionDoesNotSuit(String expression) {
    assertThatThrownBy(() -> report(expression, USAGE))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(expression);
  }

  @Test
  void refusesWhatDoesNotCompileWithItsPosition() {
    assertThatThrownBy(() -> reporter("usage.total_tokens +", ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expression \"usage.total_tokens +\" does not compile")
        .hasMessageContaining("1:21");
    assertThatThrownBy(() -> reporter("1", "request.path == '/'"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("condition \"request.path == '/'\" does not compile")
        .hasMessageContaining("undeclared reference to 'request'");
  }

  @Test
  void refusesAnythingButOneAttribute() {
    var attribute = new Attribute(COST, "1", "");
    for (List<Attribute> attributes :
        List.of(List.<Attribute>of(), List.of(attribute, attribute))) {
      assertThatThrownBy(() -> new AttributeReporter(new AttributeReporter.Parameters(attributes)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("attributes must have exactly one entry");
    }
  }

  @Test
  void refusesAnAttributeWithoutNameOrExpression() {
    assertThatThrownBy(() -> new Attribute(new AttributeReporter.Key("", ""), "1", ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("key.name is required");
    assertThatThrownBy(() -> new Attribute(COST, "", ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("expression is required");
  }

  @Test
  void isInTheCatalogueUnderTheNameOfTheReference() {
    assertThat(ServiceLoader.load(PluginCatalogue.class))
        .filteredOn(CelPlugins.class::isInstance)
        .flatExtracting(PluginCatalogue::types)
        .extracting("name")
        .containsExactly("request-attribute-reporter");
  }
}
