package ai.llmd.epp.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written reads as the same record. */
class RecordTreeTest {

  private enum Mode {
    FAST;

    @Override
    public String toString() {
      return "fast";
    }
  }

  private record Item(String text, @Nullable Double limit, List<String> names) {}

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
      Item inner,
      @Nullable Item none) {}

  private static final Item EMPTY = new Item("", null, List.of());
  private static final Everything DEFAULTS =
      new Everything(
          "x", true, 1, 1, 1, Duration.ofDays(1), Mode.FAST, List.of(EMPTY), Map.of(), EMPTY, null);

  private static Everything everything(String text, double share, List<Item> items) {
    return new Everything(
        text,
        false,
        -7,
        Long.MIN_VALUE,
        share,
        Duration.ofMillis(1500),
        Mode.FAST,
        items,
        Map.of("key: of # odd", text),
        new Item(text, share, List.of(text, "", text)),
        null);
  }

  @Test
  void aFieldThatIsEmptyReplacesADefaultThatIsNot() {
    Everything sparse = everything("", 0, List.of());

    assertThat(reread(sparse, DEFAULTS)).isEqualTo(sparse);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain",
        "two words",
        "true",
        "Null",
        "~",
        "1905",
        "1e3",
        "-",
        "- a",
        "a: b",
        "#c",
        " led",
        "trailing ",
        "\"",
        "'",
        "\\",
        "a\nb",
        "\t",
        "{}",
        "[]",
        "*a",
        "&a",
        "!t",
        "é",
        "😀",
        "0x1f"
      })
  void everyTextReadsAsItself(String text) {
    Everything odd = everything(text, 0.1, List.of(new Item(text, 2.0, List.of()), EMPTY));

    assertThat(reread(odd, DEFAULTS)).isEqualTo(odd);
  }

  @ParameterizedTest
  @ValueSource(
      doubles = {0, -0.0, 1, -2.5, 1e-7, 1e300, Double.MIN_VALUE, Double.MAX_VALUE, 1L << 60, 0.1})
  void everyNumberReadsAsItself(double number) {
    Everything odd = everything("x", number, List.of());

    assertThat(reread(odd, DEFAULTS)).isEqualTo(odd);
  }

  private static @Nullable Record reread(Record parameters, Record defaults) {
    YamlWriter yaml = new YamlWriter();
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("parameters", List.of(RecordTree.of(parameters)));
    document.forEach((name, value) -> yaml.field(0, name, value));
    Problems problems = new Problems("test");
    Value read = YamlText.read(yaml.toString(), "test", problems);
    try {
      Value item = Objects.requireNonNull(read.fields().get("parameters")).items().getFirst();
      Record bound = bind(item, defaults, problems);
      assertThat(problems.inOrder()).as(yaml.toString()).isEmpty();
      return bound;
    } catch (Value.Mistyped e) {
      throw new AssertionError(yaml.toString(), e);
    }
  }

  @SuppressWarnings("unchecked") // the class of an R
  private static <R extends Record> @Nullable R bind(Value value, R defaults, Problems problems) {
    return new RecordBinder(false, problems).bind(value, (Class<R>) defaults.getClass(), defaults);
  }
}
