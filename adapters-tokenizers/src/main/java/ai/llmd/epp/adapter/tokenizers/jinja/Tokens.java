package ai.llmd.epp.adapter.tokenizers.jinja;

import ai.llmd.epp.adapter.tokenizers.jinja.Lexer.Token;
import ai.llmd.epp.adapter.tokenizers.jinja.Lexer.Token.Kind;
import java.util.List;

/** The tokens of a template, and where the parser is. */
final class Tokens {

  private final List<Token> tokens;
  private int at;

  Tokens(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token current() {
    return tokens.get(at);
  }

  Token ahead() {
    return tokens.get(Math.min(at + 1, tokens.size() - 1));
  }

  Token next() {
    Token token = tokens.get(at);
    if (token.kind() != Kind.END) {
      at++;
    }
    return token;
  }

  boolean isOperator(String operator) {
    return current().isOperator(operator);
  }

  boolean isName(String name) {
    return current().isName(name);
  }

  boolean skipOperator(String operator) {
    if (isOperator(operator)) {
      at++;
      return true;
    }
    return false;
  }

  boolean skipName(String name) {
    if (isName(name)) {
      at++;
      return true;
    }
    return false;
  }

  void expectOperator(String operator) {
    if (!skipOperator(operator)) {
      throw unexpected(operator);
    }
  }

  void expectName(String name) {
    if (!skipName(name)) {
      throw unexpected(name);
    }
  }

  void expect(Kind kind) {
    if (current().kind() != kind) {
      throw unexpected(kind.toString());
    }
    next();
  }

  /** A name that is no word of the language. */
  String name() {
    if (current().kind() != Kind.NAME) {
      throw unexpected("a name");
    }
    return next().text();
  }

  TemplateException unexpected(String wanted) {
    return error("expected " + wanted + ", found " + current().kind() + " " + current().text());
  }

  TemplateException error(String message) {
    return TemplateException.atLine(current().line(), message);
  }
}
