package ai.llmd.epp.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RecordBinderTest {

  private enum Mode {
    FAST,
    SLOW;

    @Override
    public String toString() {
      return this == FAST ? "fast" : "slow";
    }
  }

  private record Inner(String text, int number) {

    private Inner {
      if (number < 0) {
        throw new IllegalArgumentException("number must be 0 or more, was " + number);
      }
    }
  }

  private record Item(
      String text,
      int number,
      double share,
      boolean isOn,
      List<String> names,
      Map<String, String> labels,
      @Nullable Integer limit,
      @Nullable Inner inner) {}

  private record Optional(@Nullable Inner inner, @Nullable Long limit) {}

  private record Learnable(OptionalDouble rate) {}

  private record Everything(
      String text,
      boolean isOn,
      int number,
      long big,
      double share,
      Duration timeout,
      Mode mode,
      List<Item> items,
      Map<String, String> labels,
      Inner inner,
      @Nullable Long limit) {}

  private static final Everything DEFAULTS =
      new Everything(
          "default",
          true,
          1,
          2,
          0.5,
          Duration.ofSeconds(3),
          Mode.FAST,
          List.of(),
          Map.of("a", "b"),
          new Inner("inner", 4),
          5L);

  private final Problems problems = new Problems("test");

  @Test
  void absentAndNullFieldsKeepTheirDefaults() {
    assertThat(bind("{}")).isEqualTo(DEFAULTS);
    assertThat(bind("{text: null, isOn: ~, inner: , limit: null, timeout: null}"))
        .isEqualTo(DEFAULTS);
    assertThat(problems.inOrder()).isEmpty();
  }

  @Test
  void aRecordThatMayBeMissingIsSoWhereItIsNull() {
    Optional defaults = new Optional(new Inner("inner", 4), 5L);
    assertThat(optional("{}", defaults)).isEqualTo(defaults);
    assertThat(optional("{inner: {}}", defaults)).isEqualTo(defaults);
    assertThat(optional("{inner: null, limit: null}", defaults)).isEqualTo(new Optional(null, 5L));
    assertThat(optional("{inner: ~}", new Optional(null, null)))
        .isEqualTo(new Optional(null, null));
    assertThat(problems.inOrder()).isEmpty();
  }

  @Test
  void aNumberMayBeLeftToTheProgram() {
    Learnable given = new Learnable(OptionalDouble.of(2));
    Learnable learned = new Learnable(OptionalDouble.empty());

    assertThat(learnable("{rate: auto}", given)).isEqualTo(learned);
    assertThat(learnable("{rate: 2}", learned)).isEqualTo(given);
    assertThat(learnable("{rate: null}", given)).isEqualTo(given);
    assertThat(learnable("{}", null)).isEqualTo(learned);
    assertThat(RecordTree.of(given)).isEqualTo(Map.of("rate", 2.0));
    assertThat(RecordTree.of(learned)).isEqualTo(Map.of("rate", "auto"));
    assertThat(problems.inOrder()).isEmpty();
    learnable("{rate: fast}", given);
    assertThat(problems.inOrder()).hasSize(1);
  }

  private @Nullable Learnable learnable(String yaml, @Nullable Learnable defaults) {
    return new RecordBinder(false, problems).bind(value(yaml), Learnable.class, defaults);
  }

  @Test
  void everySupportedTypeIsRead() {
    Everything bound =
        bind(
            """
            TEXT: "5"
            ison: false
            number: 0x10
            big: 9223372036854775807
            share: 2
            timeout: 1m
            mode: slow
            labels: {X: y, empty: }
            limit: 6
            """);
    assertThat(bound)
        .isEqualTo(
            new Everything(
                "5",
                false,
                16,
                Long.MAX_VALUE,
                2,
                Duration.ofMinutes(1),
                Mode.SLOW,
                List.of(),
                Map.of("X", "y", "empty", ""),
                DEFAULTS.inner(),
                6L));
    assertThat(problems.inOrder()).isEmpty();
  }

  @Test
  void aNestedRecordKeepsTheDefaultsOfWhatItOmits() {
    assertThat(bind("inner: {number: 9}").inner()).isEqualTo(new Inner("inner", 9));
  }

  @Test
  void itemsOfAListStartEmpty() {
    assertThat(bind("items: [{number: 1}, null]").items())
        .containsExactly(
            new Item("", 1, 0, false, List.of(), Map.of(), null, null),
            new Item("", 0, 0, false, List.of(), Map.of(), null, null));
  }

  @Test
  void aNumberBeyondTheRangeMeansAsManyAsThereCanBe() {
    assertThat(bind("items: [{number: 99999999999}, {number: -99999999999}]").items())
        .extracting(Item::number)
        .containsExactly(Integer.MAX_VALUE, Integer.MIN_VALUE);
  }

  @Test
  void everyMistakeOfARecordIsReportedWithItsPath() {
    bind(
        "{number: 1.5, items: [{number: -}, {names: [1]}], mode: Slow, timeout: 3, numbre:"
            + " 1}");
    assertThat(problems.inOrder())
        .extracting(Problem::path, Problem::message)
        .map(Object::toString)
        .satisfiesExactlyInAnyOrder(
            p -> assertThat(p).contains("number", "must be a whole number, was 1.5"),
            p -> assertThat(p).contains("items[0].number", "must be a whole number, was \"-\""),
            p -> assertThat(p).contains("items[1].names[0]", "must be a text, was 1"),
            p -> assertThat(p).contains("mode", "must be one of fast, slow, was \"Slow\""),
            p -> assertThat(p).contains("timeout", "must be a duration such as \"250ms\", was 3"),
            p -> assertThat(p).contains("numbre", "did you mean \"number\"?"));
  }

  @Test
  void aConstructorsRefusalIsReportedAtItsRecord() {
    bind("inner: {number: -1}");
    assertThat(problems.inOrder())
        .containsExactly(new Problem("test", 1, 8, "inner", "number must be 0 or more, was -1"));
  }

  @Test
  void aTypeThatCannotBeBoundIsAProgrammersMistake() {
    record Odd(Set<String> names) {}
    assertThatThrownBy(
            () ->
                new RecordBinder(false, problems)
                    .bind(value("names: [a]"), Odd.class, new Odd(Set.of())))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("not supported");
  }

  private Everything bind(String yaml) {
    return Objects.requireNonNull(
        new RecordBinder(false, problems).bind(value(yaml), Everything.class, DEFAULTS));
  }

  private Optional optional(String yaml, Optional defaults) {
    return Objects.requireNonNull(
        new RecordBinder(false, problems).bind(value(yaml), Optional.class, defaults));
  }

  private Value value(String yaml) {
    return YamlText.read(yaml, "test", problems);
  }
}
