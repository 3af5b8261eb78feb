package ai.llmd.epp.adapter.tokenizers.jinja;

import ai.llmd.epp.adapter.tokenizers.jinja.Values.Tuple;
import java.util.ArrayList;
import java.util.List;

/** Python's arithmetic, of texts and lists, too. */
final class Numbers {

  private static final int MAX_REPEATED = 1 << 20;

  private Numbers() {}

  static Object calculate(String operator, Object left, Object right) {
    if (Values.isNumber(left) && Values.isNumber(right)) {
      try {
        return left instanceof Double || right instanceof Double || operator.equals("/")
            ? floats(operator, Values.requireDouble(left), Values.requireDouble(right))
            : integers(operator, Values.requireInteger(left), Values.requireInteger(right));
      } catch (ArithmeticException e) {
        throw new TemplateException("a number is too large, or is divided by zero");
      }
    }
    if (operator.equals("+")) {
      Effort.spend(Values.weight(left) + Values.weight(right));
      if (left instanceof Values.Safe || right instanceof Values.Safe) {
        String one = Values.Safe.escaped(left);
        String other = Values.Safe.escaped(right);
        if (one != null && other != null) {
          return new Values.Safe(one + other);
        }
      }
      if (left instanceof String one && right instanceof String other) {
        return one + other;
      }
      if (left instanceof List<?> one
          && right instanceof List<?> other
          && (one instanceof Tuple) == (other instanceof Tuple)) {
        List<Object> sum = new ArrayList<>(one);
        sum.addAll(other);
        return one instanceof Tuple ? new Tuple(sum) : sum;
      }
    }
    if (operator.equals("*")) {
      if (left instanceof String text && right instanceof Long times) {
        return repeated(text, times);
      }
      if (left instanceof Long times && right instanceof String text) {
        return repeated(text, times);
      }
    }
    throw new TemplateException(
        "cannot calculate "
            + Values.typeName(left)
            + " "
            + operator
            + " "
            + Values.typeName(right));
  }

  private static String repeated(String text, long times) {
    if (times <= 0 || text.isEmpty()) {
      return "";
    }
    if (times > MAX_REPEATED / text.length()) { // their product may be too large for a number
      throw new TemplateException("a text is repeated too often");
    }
    Effort.spend(times * text.length());
    return text.repeat((int) times);
  }

  private static Object integers(String operator, long left, long right) {
    return switch (operator) {
      case "+" -> Math.addExact(left, right);
      case "-" -> Math.subtractExact(left, right);
      case "*" -> Math.multiplyExact(left, right);
      case "//" -> Math.floorDiv(left, right);
      case "%" -> Math.floorMod(left, right);
      case "**" -> power(left, right);
      default -> throw new TemplateException("cannot calculate with " + operator);
    };
  }

  private static Object power(long base, long exponent) {
    if (exponent < 0) {
      return Math.pow((double) base, (double) exponent);
    }
    if (base == 0 || base == 1) {
      return exponent == 0 ? 1L : base;
    }
    if (base == -1) {
      return exponent % 2 == 0 ? 1L : -1L;
    }
    long result = 1;
    for (long i = 0; i < exponent; i++) { // ends soon, by the result or by its overflow
      result = Math.multiplyExact(result, base);
    }
    return result;
  }

  private static Object floats(String operator, double left, double right) {
    boolean isDivision = operator.startsWith("/") || operator.equals("%");
    if (isDivision && right == 0) {
      throw new ArithmeticException();
    }
    return switch (operator) {
      case "+" -> left + right;
      case "-" -> left - right;
      case "*" -> left * right;
      case "/" -> left / right;
      case "//" -> Math.floor(left / right);
      case "%" -> left - right * Math.floor(left / right);
      case "**" -> Math.pow(left, right);
      default -> throw new TemplateException("cannot calculate with " + operator);
    };
  }
}
