package ai.llmd.epp.adapter.tokenizers.jinja;

import ai.llmd.epp.adapter.tokenizers.jinja.Expression.Compared;
import ai.llmd.epp.adapter.tokenizers.jinja.Expression.Entry;
import ai.llmd.epp.adapter.tokenizers.jinja.Expression.Given;
import ai.llmd.epp.adapter.tokenizers.jinja.Lexer.Token;
import ai.llmd.epp.adapter.tokenizers.jinja.Lexer.Token.Kind;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads expressions, with the precedences of Jinja. */
final class ExpressionParser {

  private static final int MAX_DEPTH = 200;
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

  private final Tokens tokens;
  private int depth;

  ExpressionParser(Tokens tokens) {
    this.tokens = tokens;
  }

  /** An expression, or several with commas between, which are a tuple. */
  Expression tuple() {
    Expression first = expression();
    if (!tokens.isOperator(",")) {
      return first;
    }
    List<Expression> elements = new ArrayList<>(List.of(first));
    while (tokens.skipOperator(",") && startsExpression()) {
      elements.add(expression());
    }
    return new Expression.ListOf(elements, true);
  }

  private boolean startsExpression() {
    Kind kind = tokens.current().kind();
    return kind != Kind.BLOCK_END
        && kind != Kind.VARIABLE_END
        && !tokens.isOperator(")")
        && !tokens.isOperator("=");
  }

  Expression expression() {
    if (++depth > MAX_DEPTH) {
      throw tokens.error("an expression is nested too deeply");
    }
    Expression value = or();
    while (tokens.skipName("if")) {
      Expression condition = or();
      Expression otherwise = tokens.skipName("else") ? expression() : null;
      value = new Expression.Conditional(value, condition, otherwise);
    }
    depth--;
    return value;
  }

  /** An expression that ends before an {@code if}, as what a loop iterates does. */
  Expression or() {
    Expression left = and();
    while (tokens.skipName("or")) {
      left = new Expression.Or(left, and());
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (tokens.skipName("and")) {
      left = new Expression.And(left, not());
    }
    return left;
  }

  private Expression not() {
    return tokens.skipName("not") ? new Expression.Not(not()) : comparison();
  }

  private Expression comparison() {
    Expression first = sum();
    List<Compared> rest = new ArrayList<>();
    while (true) {
      Token token = tokens.current();
      if (token.kind() == Kind.OPERATOR && COMPARISONS.contains(token.text())) {
        tokens.next();
        rest.add(new Compared(token.text(), sum()));
      } else if (tokens.skipName("in")) {
        rest.add(new Compared("in", sum()));
      } else if (tokens.isName("not") && tokens.ahead().isName("in")) {
        tokens.next();
        tokens.next();
        rest.add(new Compared("not in", sum()));
      } else {
        return rest.isEmpty() ? first : new Expression.Comparison(first, rest);
      }
    }
  }

  private Expression sum() {
    Expression left = concatenation();
    while (tokens.isOperator("+") || tokens.isOperator("-")) {
      String operator = tokens.next().text();
      left = new Expression.Arithmetic(left, operator, concatenation());
    }
    return left;
  }

  private Expression concatenation() {
    Expression first = product();
    if (!tokens.isOperator("~")) {
      return first;
    }
    List<Expression> parts = new ArrayList<>(List.of(first));
    while (tokens.skipOperator("~")) {
      parts.add(product());
    }
    return new Expression.Concatenation(parts);
  }

  private Expression product() {
    Expression left = power();
    while (tokens.isOperator("*")
        || tokens.isOperator("/")
        || tokens.isOperator("//")
        || tokens.isOperator("%")) {
      String operator = tokens.next().text();
      left = new Expression.Arithmetic(left, operator, power());
    }
    return left;
  }

  private Expression power() {
    Expression left = unary(true);
    while (tokens.skipOperator("**")) {
      left = new Expression.Arithmetic(left, "**", unary(true));
    }
    return left;
  }

  private Expression unary(boolean withFilters) {
    Expression value;
    if (tokens.isOperator("-") || tokens.isOperator("+")) {
      boolean isMinus = tokens.next().text().equals("-");
      value = new Expression.Sign(unary(false), isMinus);
    } else {
      value = primary();
    }
    value = postfix(value);
    return withFilters ? filters(value) : value;
  }

  private Expression primary() {
    Token token = tokens.next();
    return switch (token.kind()) {
      case NAME -> named(token.text());
      case STRING -> {
        StringBuilder text = new StringBuilder(token.text());
        while (tokens.current().kind() == Kind.STRING) {
          text.append(tokens.next().text());
        }
        yield new Expression.Literal(text.toString());
      }
      case INTEGER -> integer(token.text());
      case FLOAT -> new Expression.Literal(Double.parseDouble(token.text()));
      default -> {
        if (token.isOperator("(")) {
          yield parenthesized();
        }
        if (token.isOperator("[")) {
          yield list();
        }
        if (token.isOperator("{")) {
          yield dict();
        }
        throw TemplateException.atLine(
            token.line(), "expected an expression, found " + token.kind() + " " + token.text());
      }
    };
  }

  private static Expression integer(String digits) {
    return new Expression.Literal(Values.shortest(new BigInteger(digits)));
  }

  private static Expression named(String name) {
    return switch (name) {
      case "true", "True" -> new Expression.Literal(true);
      case "false", "False" -> new Expression.Literal(false);
      case "none", "None" -> new Expression.Literal(None.NONE);
      default -> new Expression.Name(name);
    };
  }

  private Expression parenthesized() {
    if (tokens.skipOperator(")")) {
      return new Expression.ListOf(List.of(), true);
    }
    Expression value = tuple();
    tokens.expectOperator(")");
    return value;
  }

  private Expression list() {
    List<Expression> elements = new ArrayList<>();
    while (!tokens.skipOperator("]")) {
      if (!elements.isEmpty()) {
        tokens.expectOperator(",");
        if (tokens.skipOperator("]")) {
          break;
        }
      }
      elements.add(expression());
    }
    return new Expression.ListOf(elements, false);
  }

  private Expression dict() {
    List<Entry> entries = new ArrayList<>();
    while (!tokens.skipOperator("}")) {
      if (!entries.isEmpty()) {
        tokens.expectOperator(",");
        if (tokens.skipOperator("}")) {
          break;
        }
      }
      Expression key = expression();
      tokens.expectOperator(":");
      entries.add(new Entry(key, expression()));
    }
    return new Expression.DictOf(entries);
  }

  private Expression postfix(Expression of) {
    Expression value = of;
    while (true) {
      if (tokens.skipOperator(".")) {
        Token token = tokens.next();
        value =
            switch (token.kind()) {
              case NAME -> new Expression.Attribute(value, token.text());
              case INTEGER -> new Expression.Item(value, integer(token.text()));
              default ->
                  throw TemplateException.atLine(token.line(), "expected a name behind a dot");
            };
      } else if (tokens.skipOperator("[")) {
        value = subscript(value);
      } else if (tokens.isOperator("(")) {
        value = new Expression.Call(value, given());
      } else {
        return value;
      }
    }
  }

  private Expression subscript(Expression value) {
    Expression start = tokens.isOperator(":") ? null : expression();
    if (!tokens.isOperator(":")) {
      tokens.expectOperator("]");
      if (start == null) {
        throw tokens.error("expected a subscript");
      }
      return new Expression.Item(value, start);
    }
    tokens.expectOperator(":");
    Expression stop = bound();
    Expression step = tokens.skipOperator(":") ? bound() : null;
    tokens.expectOperator("]");
    return new Expression.Slice(value, start, stop, step);
  }

  private @Nullable Expression bound() {
    return tokens.isOperator(":") || tokens.isOperator("]") ? null : expression();
  }

  private Given given() {
    tokens.expectOperator("(");
    List<Expression> positional = new ArrayList<>();
    Map<String, Expression> named = new LinkedHashMap<>();
    while (!tokens.skipOperator(")")) {
      if (!positional.isEmpty() || !named.isEmpty()) {
        tokens.expectOperator(",");
        if (tokens.skipOperator(")")) {
          break;
        }
      }
      if (tokens.isOperator("*") || tokens.isOperator("**")) {
        throw tokens.error("arguments out of a list or a dict are not supported");
      }
      if (tokens.current().kind() == Kind.NAME && tokens.ahead().isOperator("=")) {
        String name = tokens.name();
        tokens.expectOperator("=");
        named.put(name, expression());
      } else if (named.isEmpty()) {
        positional.add(expression());
      } else {
        throw tokens.error("an argument without a name comes behind one with a name");
      }
    }
    return new Given(positional, named);
  }

  private Expression filters(Expression of) {
    Expression value = of;
    while (true) {
      if (tokens.skipOperator("|")) {
        value = filter(value);
      } else if (tokens.skipName("is")) {
        value = test(value);
      } else if (tokens.isOperator("(")) {
        value = new Expression.Call(value, given());
      } else {
        return value;
      }
    }
  }

  Expression filter(Expression value) {
    int line = tokens.current().line();
    String name = tokens.name();
    if (!Filters.isKnown(name)) {
      throw TemplateException.atLine(line, "the filter " + name + " is not known");
    }
    return new Expression.Filtered(value, name, tokens.isOperator("(") ? given() : Given.NOTHING);
  }

  private Expression test(Expression value) {
    boolean isNegated = tokens.skipName("not");
    int line = tokens.current().line();
    String name = tokens.name();
    if (!Tests.isKnown(name)) {
      throw TemplateException.atLine(line, "the test " + name + " is not known");
    }
    Given given = Given.NOTHING;
    if (tokens.isOperator("(")) {
      given = given();
    } else if (isArgument(tokens.current())) {
      if (tokens.isName("is")) {
        throw tokens.error("tests cannot be chained");
      }
      given = new Given(List.of(postfix(primary())), Map.of());
    }
    return new Expression.Tested(value, name, given, isNegated);
  }

  private static boolean isArgument(Token token) {
    return switch (token.kind()) {
      case NAME -> !Set.of("else", "or", "and", "if", "in", "not").contains(token.text());
      case STRING, INTEGER, FLOAT -> true;
      default -> token.isOperator("[") || token.isOperator("{");
    };
  }
}
