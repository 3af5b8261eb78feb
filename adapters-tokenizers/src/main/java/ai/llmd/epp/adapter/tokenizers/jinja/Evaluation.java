package ai.llmd.epp.adapter.tokenizers.jinja;

import ai.llmd.epp.adapter.tokenizers.jinja.Expression.Given;
import ai.llmd.epp.adapter.tokenizers.jinja.Values.Tuple;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the values of expressions. */
final class Evaluation {

  Object evaluate(Expression expression, Scope scope) {
    Object value = value(expression, scope);
    Effort.spend(1 + (isThereAnyway(expression) ? 0 : Values.weight(value)));
    return value;
  }

  private static boolean isThereAnyway(Expression expression) {
    return switch (expression) {
      case Expression.Literal literal -> true;
      case Expression.Name name -> true;
      case Expression.Attribute attribute -> true;
      case Expression.Item item -> true;
      default -> false;
    };
  }

  private Object value(Expression expression, Scope scope) {
    return switch (expression) {
      case Expression.Literal literal -> literal.value();
      case Expression.Name name -> scope.get(name.name());
      case Expression.Attribute attribute ->
          Accesses.attribute(evaluate(attribute.object(), scope), attribute.name());
      case Expression.Item item ->
          Accesses.item(evaluate(item.object(), scope), evaluate(item.key(), scope));
      case Expression.Slice slice ->
          Accesses.slice(
              evaluate(slice.object(), scope),
              bound(slice.start(), scope),
              bound(slice.stop(), scope),
              bound(slice.step(), scope));
      case Expression.Call call -> call(call, scope);
      case Expression.Filtered filtered ->
          Filters.apply(
              filtered.filter(),
              evaluate(filtered.value(), scope),
              arguments(filtered.given(), scope));
      case Expression.Tested tested ->
          Tests.passes(
                  tested.test(), evaluate(tested.value(), scope), arguments(tested.given(), scope))
              != tested.isNegated();
      case Expression.Not not -> !Values.isTrue(evaluate(not.value(), scope));
      case Expression.Sign sign -> signed(evaluate(sign.value(), scope), sign.isMinus());
      case Expression.And and -> {
        Object left = evaluate(and.left(), scope);
        yield Values.isTrue(left) ? evaluate(and.right(), scope) : left;
      }
      case Expression.Or or -> {
        Object left = evaluate(or.left(), scope);
        yield Values.isTrue(left) ? left : evaluate(or.right(), scope);
      }
      case Expression.Arithmetic sum ->
          Numbers.calculate(
              sum.operator(), evaluate(sum.left(), scope), evaluate(sum.right(), scope));
      case Expression.Concatenation texts -> {
        StringBuilder out = new StringBuilder();
        for (Expression part : texts.parts()) {
          String text = PythonWriter.text(evaluate(part, scope));
          Effort.spend(text.length());
          out.append(text);
        }
        yield out.toString();
      }
      case Expression.Comparison comparison -> compare(comparison, scope);
      case Expression.Conditional choice -> {
        Expression otherwise = choice.otherwise();
        if (Values.isTrue(evaluate(choice.condition(), scope))) {
          yield evaluate(choice.then(), scope);
        }
        yield otherwise == null ? Undefined.UNDEFINED : evaluate(otherwise, scope);
      }
      case Expression.ListOf list -> {
        List<Object> elements = all(list.elements(), scope);
        yield list.isTuple() ? new Tuple(elements) : elements;
      }
      case Expression.DictOf dict -> {
        Map<Object, Object> members = new LinkedHashMap<>();
        dict.entries()
            .forEach(
                entry ->
                    members.put(
                        Values.requireKey(evaluate(entry.key(), scope)),
                        evaluate(entry.value(), scope)));
        yield members;
      }
    };
  }

  private Object bound(@Nullable Expression bound, Scope scope) {
    return bound == null ? None.NONE : evaluate(bound, scope);
  }

  private List<Object> all(List<Expression> expressions, Scope scope) {
    List<Object> values = new ArrayList<>(expressions.size());
    for (Expression expression : expressions) {
      values.add(evaluate(expression, scope));
    }
    return values;
  }

  private Arguments arguments(Given given, Scope scope) {
    if (given.positional().isEmpty() && given.named().isEmpty()) {
      return Arguments.NONE;
    }
    Map<String, Object> named = new LinkedHashMap<>();
    given.named().forEach((name, value) -> named.put(name, evaluate(value, scope)));
    return new Arguments(all(given.positional(), scope), named);
  }

  private Object call(Expression.Call call, Scope scope) {
    Object function = evaluate(call.function(), scope);
    if (!(function instanceof Function known)) {
      throw new TemplateException(Values.typeName(function) + " is called");
    }
    return known.call(arguments(call.given(), scope));
  }

  private static Object signed(Object value, boolean isMinus) {
    return isMinus
        ? Numbers.calculate("*", -1L, requireNumber(value))
        : Numbers.calculate("+", 0L, requireNumber(value));
  }

  private static Object requireNumber(Object value) {
    if (!Values.isNumber(value)) {
      throw new TemplateException("expected a number, found " + Values.typeName(value));
    }
    return value;
  }

  private boolean compare(Expression.Comparison comparison, Scope scope) {
    Object left = evaluate(comparison.first(), scope);
    for (Expression.Compared compared : comparison.rest()) {
      Object right = evaluate(compared.value(), scope);
      boolean isTrue =
          switch (compared.operator()) {
            case "in" -> Values.contains(right, left);
            case "not in" -> !Values.contains(right, left);
            default -> Tests.compares(compared.operator(), left, right);
          };
      if (!isTrue) {
        return false;
      }
      left = right;
    }
    return true;
  }
}
