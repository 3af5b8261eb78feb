package ai.llmd.epp.yaml;

import ai.llmd.epp.commandline.GoDuration;
import ai.llmd.epp.commandline.Quantity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A value of the document, with its place. Typed reads throw a {@link Mistyped} that names what was
 * expected and what was found.
 *
 * @param node null when the field is absent
 * @param nameSpot where the field's name stands; for what has no name, where it stands itself
 */
public record Value(@Nullable Node node, SourceLocation spot, SourceLocation nameSpot) {

  /** A value without a name: a document, or an item of a list. */
  Value(@Nullable Node node, SourceLocation spot) {
    this(node, spot, spot);
  }

  /** The value is of another type than the schema wants. */
  public static final class Mistyped extends Exception {

    private static final long serialVersionUID = 1L;

    Mistyped(String message) {
      super(message);
    }

    @Override
    public String getMessage() {
      return Objects.requireNonNull(super.getMessage());
    }
  }

  /** A field that is not there. */
  public static Value absent(SourceLocation spot) {
    return new Value(null, spot);
  }

  /** Absent, or explicitly null. */
  public boolean isNothing() {
    return node == null || isNull();
  }

  /** There, and null. */
  public boolean isNull() {
    return node != null && node.getTag().equals(Tag.NULL);
  }

  /** The fields of a mapping, in order; of two equal keys the first counts. */
  public Map<String, Value> fields() throws Mistyped {
    if (!(node instanceof MappingNode mapping)) {
      throw mistyped("a mapping");
    }
    Map<String, Value> fields = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      String key = keyOf(tuple);
      SourceLocation field = spot.field(key);
      Node value = tuple.getValueNode();
      fields.putIfAbsent(key, new Value(value, field.at(value), field.at(tuple.getKeyNode())));
    }
    return fields;
  }

  /** The text of a key; what is no scalar shows its kind, and no schema knows such a field. */
  static String keyOf(NodeTuple tuple) {
    return tuple.getKeyNode() instanceof ScalarNode scalar
        ? scalar.getValue()
        : tuple.getKeyNode().getNodeType().toString();
  }

  /**
   * The place of a field within this mapping, or the mapping's own when the field is not written.
   *
   * @param path names joined by dots, upper and lower case alike
   */
  public SourceLocation spotOf(String path) {
    Value at = this;
    for (String name : path.split("\\.", -1)) {
      at = at.field(name);
    }
    return at.spot();
  }

  /** A field of this mapping, upper and lower case alike; absent when it is not written. */
  public Value field(String name) {
    if (node instanceof MappingNode mapping) {
      for (NodeTuple tuple : mapping.getValue()) {
        if (keyOf(tuple).equalsIgnoreCase(name)) {
          return new Value(tuple.getValueNode(), spot.field(keyOf(tuple)).at(tuple.getValueNode()));
        }
      }
    }
    return absent(spot.field(name));
  }

  public List<Value> items() throws Mistyped {
    if (!(node instanceof SequenceNode sequence)) {
      throw mistyped("a list");
    }
    List<Value> items = new ArrayList<>();
    for (Node item : sequence.getValue()) {
      items.add(new Value(item, spot.item(items.size()).at(item)));
    }
    return items;
  }

  /** Whether it is this text, and nothing else. */
  boolean isWord(String word) {
    try {
      return hasTag(Tag.STR) && text().equals(word);
    } catch (Mistyped e) {
      return false;
    }
  }

  public String text() throws Mistyped {
    return scalar(Tag.STR, "a text");
  }

  public boolean bool() throws Mistyped {
    return Boolean.parseBoolean(scalar(Tag.BOOL, "true or false"));
  }

  public double number() throws Mistyped {
    if (hasTag(Tag.INT)) {
      return integer(Long.MIN_VALUE, Long.MAX_VALUE);
    }
    double number = real(scalar(Tag.FLOAT, "a number"));
    if (!Double.isFinite(number)) {
      throw mistyped("a finite number");
    }
    return number;
  }

  /** A whole number; {@code 1.0} and {@code 1e3} are some too, as in JSON. */
  public long integer(long min, long max) throws Mistyped {
    String expected = "a whole number";
    try {
      long value =
          hasTag(Tag.FLOAT)
              ? Math.round(wholeReal(scalar(Tag.FLOAT, expected)))
              : decode(scalar(Tag.INT, expected));
      if (value < min || value > max) {
        throw mistyped(expected + " within " + min + " and " + max);
      }
      return value;
    } catch (NumberFormatException e) {
      throw mistyped(expected);
    }
  }

  public Duration duration() throws Mistyped {
    String text = scalar(Tag.STR, "a duration such as \"250ms\"");
    try {
      return GoDuration.parse(text);
    } catch (IllegalArgumentException e) {
      throw new Mistyped(String.valueOf(e.getMessage()));
    }
  }

  /** A Kubernetes quantity, as text or as a bare number. */
  public long quantity() throws Mistyped {
    String text =
        hasTag(Tag.INT) || hasTag(Tag.FLOAT)
            ? ((ScalarNode) Objects.requireNonNull(node)).getValue()
            : scalar(Tag.STR, "a quantity such as 1Gi");
    try {
      return Quantity.parse(text);
    } catch (IllegalArgumentException e) {
      throw new Mistyped(String.valueOf(e.getMessage()));
    }
  }

  private boolean hasTag(Tag tag) {
    return node instanceof ScalarNode scalar && scalar.getTag().equals(tag);
  }

  private String scalar(Tag tag, String expected) throws Mistyped {
    if (node instanceof ScalarNode scalar && scalar.getTag().equals(tag)) {
      return scalar.getValue();
    }
    throw mistyped(expected);
  }

  private Mistyped mistyped(String expected) {
    return new Mistyped("must be " + expected + ", was " + shown());
  }

  private String shown() {
    return switch (node) {
      case null -> "missing";
      case ScalarNode scalar when scalar.getTag().equals(Tag.STR) -> '"' + scalar.getValue() + '"';
      case ScalarNode scalar -> scalar.getValue().isEmpty() ? "empty" : scalar.getValue();
      case SequenceNode list -> "a list";
      default -> "a mapping";
    };
  }

  private static double wholeReal(String text) {
    double value = real(text);
    if (value != Math.rint(value) || Math.abs(value) >= 0x1p63) {
      throw new NumberFormatException(text);
    }
    return value;
  }

  private static double real(String text) {
    return switch (text.startsWith("+") || text.startsWith("-") ? text.substring(1) : text) {
      case ".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN" -> Double.NaN;
      default -> Double.parseDouble(text);
    };
  }

  private static long decode(String text) {
    if (text.startsWith("0o")) {
      return Long.parseLong(text.substring(2), 8);
    }
    if (text.startsWith("0x")) {
      return Long.parseLong(text.substring(2), 16);
    }
    return Long.parseLong(text);
  }
}
