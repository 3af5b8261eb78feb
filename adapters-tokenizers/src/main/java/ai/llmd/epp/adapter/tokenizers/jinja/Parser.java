package ai.llmd.epp.adapter.tokenizers.jinja;

import ai.llmd.epp.adapter.tokenizers.jinja.Lexer.Token;
import ai.llmd.epp.adapter.tokenizers.jinja.Lexer.Token.Kind;
import ai.llmd.epp.adapter.tokenizers.jinja.Statement.Target;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads a template's statements. */
final class Parser {

  private static final int MAX_DEPTH = 100;

  private final Tokens tokens;
  private final ExpressionParser expressions;
  private int depth;
  private int loops;

  private Parser(Tokens tokens) {
    this.tokens = tokens;
    this.expressions = new ExpressionParser(tokens);
  }

  /**
   * The statements of a template.
   *
   * @throws TemplateException if it is not understood, with the line
   */
  static List<Statement> parse(String template) {
    Parser parser = new Parser(new Tokens(Lexer.tokens(template)));
    List<Statement> statements = parser.statements(Set.of());
    if (parser.tokens.current().kind() != Kind.END) {
      throw parser.tokens.unexpected("the end");
    }
    return statements;
  }

  /** Statements up to a block with one of these names, whose name is the next token then. */
  private List<Statement> statements(Set<String> ends) {
    if (++depth > MAX_DEPTH) {
      throw tokens.error("blocks are nested too deeply");
    }
    List<Statement> statements = new ArrayList<>();
    while (true) {
      Token token = tokens.current();
      switch (token.kind()) {
        case TEXT -> statements.add(new Statement.Text(tokens.next().text()));
        case VARIABLE_BEGIN -> statements.add(output());
        case BLOCK_BEGIN -> {
          tokens.next();
          if (tokens.current().kind() == Kind.NAME && ends.contains(tokens.current().text())) {
            depth--;
            return statements;
          }
          statements.add(block());
        }
        default -> {
          if (!ends.isEmpty()) {
            throw tokens.error("a block does not end, expected one of " + ends);
          }
          depth--;
          return statements;
        }
      }
    }
  }

  private Statement output() {
    tokens.next();
    Expression value = expressions.tuple();
    tokens.expect(Kind.VARIABLE_END);
    return new Statement.Output(value);
  }

  private Statement block() {
    int line = tokens.current().line();
    String tag = tokens.name();
    return switch (tag) {
      case "if" -> condition();
      case "for" -> loop();
      case "set" -> assignment();
      case "macro" -> macro();
      case "generation" -> {
        end();
        yield new Statement.Block(body("endgeneration"));
      }
      case "break", "continue" -> {
        if (loops == 0) {
          throw TemplateException.atLine(line, tag + " stands outside of a loop");
        }
        end();
        yield tag.equals("break") ? new Statement.Break() : new Statement.Continue();
      }
      default -> throw TemplateException.atLine(line, "the tag " + tag + " is not supported");
    };
  }

  private void end() {
    tokens.expect(Kind.BLOCK_END);
  }

  private List<Statement> body(String end) {
    List<Statement> body = statements(Set.of(end));
    tokens.expectName(end);
    end();
    return body;
  }

  /** Behind {@code if} or {@code elif}. */
  private Statement condition() {
    Expression condition = expressions.tuple();
    end();
    List<Statement> then = statements(Set.of("elif", "else", "endif"));
    List<Statement> otherwise = List.of();
    if (tokens.skipName("elif")) {
      return new Statement.If(condition, then, List.of(condition()));
    }
    if (tokens.skipName("else")) {
      end();
      otherwise = statements(Set.of("endif"));
    }
    tokens.expectName("endif");
    end();
    return new Statement.If(condition, then, otherwise);
  }

  private Statement loop() {
    Target target = target();
    tokens.expectName("in");
    Expression iterable = expressions.or();
    if (tokens.isOperator(",")) {
      List<Expression> elements = new ArrayList<>(List.of(iterable));
      while (tokens.skipOperator(",")) {
        elements.add(expressions.or());
      }
      iterable = new Expression.ListOf(elements, true);
    }
    Expression filter = tokens.skipName("if") ? expressions.expression() : null;
    if (tokens.isName("recursive")) {
      throw tokens.error("recursive loops are not supported");
    }
    end();
    loops++;
    List<Statement> body = statements(Set.of("endfor", "else"));
    loops--;
    List<Statement> otherwise = List.of();
    if (tokens.skipName("else")) {
      end();
      otherwise = statements(Set.of("endfor"));
    }
    tokens.expectName("endfor");
    end();
    return new Statement.For(target, iterable, filter, body, otherwise);
  }

  private Target target() {
    List<String> names = new ArrayList<>();
    boolean isParenthesized = tokens.skipOperator("(");
    do {
      if (!names.isEmpty() && tokens.current().kind() != Kind.NAME) {
        break;
      }
      names.add(tokens.name());
    } while (tokens.skipOperator(","));
    if (isParenthesized) {
      tokens.expectOperator(")");
    }
    return new Target(names, null);
  }

  private Statement assignment() {
    Target target;
    if (tokens.ahead().isOperator(".")) {
      String namespace = tokens.name();
      tokens.expectOperator(".");
      target = new Target(List.of(namespace), tokens.name());
    } else {
      target = target();
    }
    if (tokens.skipOperator("=")) {
      Expression value = expressions.tuple();
      end();
      return new Statement.Assign(target, value);
    }
    if (target.names().size() != 1) {
      throw tokens.unexpected("=");
    }
    if (tokens.isOperator("|")) {
      throw tokens.error("filters of a set block are not supported");
    }
    end();
    return new Statement.AssignBlock(target, body("endset"));
  }

  private Statement macro() {
    String name = tokens.name();
    tokens.expectOperator("(");
    List<String> parameters = new ArrayList<>();
    Map<String, Expression> defaults = new LinkedHashMap<>();
    while (!tokens.skipOperator(")")) {
      if (!parameters.isEmpty()) {
        tokens.expectOperator(",");
        if (tokens.skipOperator(")")) {
          break;
        }
      }
      String parameter = tokens.name();
      parameters.add(parameter);
      if (tokens.skipOperator("=")) {
        defaults.put(parameter, expressions.expression());
      } else if (!defaults.isEmpty()) {
        throw tokens.error("a parameter without a default comes behind one with a default");
      }
    }
    end();
    int outer = loops;
    loops = 0;
    List<Statement> body = body("endmacro");
    loops = outer;
    return new Statement.Macro(name, parameters, defaults, body);
  }
}
