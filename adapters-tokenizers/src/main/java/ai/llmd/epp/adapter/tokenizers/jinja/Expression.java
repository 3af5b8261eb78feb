package ai.llmd.epp.adapter.tokenizers.jinja;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What has a value. */
sealed interface Expression {

  record Literal(Object value) implements Expression {}

  record Name(String name) implements Expression {}

  record Attribute(Expression object, String name) implements Expression {}

  record Item(Expression object, Expression key) implements Expression {}

  record Slice(
      Expression object,
      @Nullable Expression start,
      @Nullable Expression stop,
      @Nullable Expression step)
      implements Expression {}

  record Call(Expression function, Given given) implements Expression {}

  record Filtered(Expression value, String filter, Given given) implements Expression {}

  record Tested(Expression value, String test, Given given, boolean isNegated)
      implements Expression {}

  record Not(Expression value) implements Expression {}

  record Sign(Expression value, boolean isMinus) implements Expression {}

  record And(Expression left, Expression right) implements Expression {}

  record Or(Expression left, Expression right) implements Expression {}

  record Arithmetic(Expression left, String operator, Expression right) implements Expression {}

  record Concatenation(List<Expression> parts) implements Expression {}

  /** {@code a < b < c}, where each neighbours have to agree. */
  record Comparison(Expression first, List<Compared> rest) implements Expression {}

  record Compared(String operator, Expression value) {}

  record Conditional(Expression then, Expression condition, @Nullable Expression otherwise)
      implements Expression {}

  record ListOf(List<Expression> elements, boolean isTuple) implements Expression {}

  record DictOf(List<Entry> entries) implements Expression {}

  record Entry(Expression key, Expression value) {}

  /** Arguments that are not evaluated yet. */
  record Given(List<Expression> positional, Map<String, Expression> named) {

    static final Given NOTHING = new Given(List.of(), Map.of());
  }
}
