package ai.llmd.epp.domain.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.catalogue.SampleApi.After;
import ai.llmd.epp.domain.catalogue.SampleApi.Before;
import ai.llmd.epp.domain.catalogue.SampleApi.Hidden;
import ai.llmd.epp.domain.catalogue.SampleApi.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Shows the comparison a change of each kind, so that it is known to notice it. */
class ApiDifferenceTest {

  private static List<String> linesOf(Class<?> type) {
    String outer = type.getEnclosingClass().getTypeName().replace("ai.llmd.epp.domain.", "") + "$";
    return ApiSignatures.of(type).stream().map(line -> line.replace(outer, "")).toList();
  }

  @Test
  void sameSignaturesDifferInNothing() {
    List<String> lines = linesOf(Shape.Circle.class);

    assertThat(ApiDifference.between(lines, lines))
        .isEqualTo(new ApiDifference(List.of(), List.of()));
  }

  @Test
  void removedChangedAndNewAbstractMethodsBreak() {
    assertThat(difference().breaking())
        .containsExactlyInAnyOrder(
            "- Rule: public abstract long weight(List<String>)",
            "+ Rule: public abstract long weight(List<? extends CharSequence>)",
            "+ Rule: public abstract void forget() throws InterruptedException");
  }

  @Test
  void newDefaultMethodIsMerelyAdded() {
    assertThat(difference().added()).containsExactly("+ Rule: public default boolean isLight()");
  }

  @Test
  void newTypeWithAbstractMethodsIsMerelyAdded() {
    ApiDifference difference = ApiDifference.between(List.of(), linesOf(Before.Rule.class));

    assertThat(difference.breaking()).isEmpty();
    assertThat(difference.added()).hasSize(4);
  }

  @Test
  void typesAreRecordedWithTheirKindAndKin() {
    assertThat(linesOf(Shape.Circle.class))
        .contains("Circle: public Circle(double)", "Circle: public double radius()");
    assertThat(linesOf(Shape.Kind.class)).anyMatch(line -> line.endsWith("ROUND"));
    assertThat(linesOf(Before.Rule.class))
        .contains("Rule: public static final int MAX")
        .anyMatch(line -> line.endsWith("Rule implements function.Predicate<String>"));
    assertThat(linesOf(Shape.class))
        .anyMatch(line -> line.contains("sealed") && line.contains("permits"));
  }

  @Test
  void whatIsNotPublicIsNotRecorded() {
    assertThat(ApiSignatures.of(Hidden.class)).isEmpty();
  }

  private static ApiDifference difference() {
    return ApiDifference.between(linesOf(Before.Rule.class), linesOf(After.Rule.class));
  }
}
