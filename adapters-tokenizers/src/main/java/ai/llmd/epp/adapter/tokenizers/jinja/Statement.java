package ai.llmd.epp.adapter.tokenizers.jinja;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What writes, decides or sets. */
sealed interface Statement {

  record Text(String text) implements Statement {}

  record Output(Expression value) implements Statement {}

  record If(Expression condition, List<Statement> then, List<Statement> otherwise)
      implements Statement {}

  record For(
      Target target,
      Expression iterable,
      @Nullable Expression filter,
      List<Statement> body,
      List<Statement> otherwise)
      implements Statement {}

  record Assign(Target target, Expression value) implements Statement {}

  record AssignBlock(Target target, List<Statement> body) implements Statement {}

  record Macro(
      String name, List<String> parameters, Map<String, Expression> defaults, List<Statement> body)
      implements Statement {}

  /** Whose variables end with it. */
  record Block(List<Statement> body) implements Statement {}

  record Break() implements Statement {}

  record Continue() implements Statement {}

  /**
   * What is set: names, or a member of a namespace.
   *
   * @param names one, or several that a value is taken apart for
   * @param member of the only name; null to set the name itself
   */
  record Target(List<String> names, @Nullable String member) {}
}
