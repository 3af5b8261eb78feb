package ai.llmd.epp.adapter.cel;

import ai.llmd.epp.domain.routing.Usage;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.projectnessie.cel.checker.Decls;
import org.projectnessie.cel.tools.Script;
import org.projectnessie.cel.tools.ScriptCreateException;
import org.projectnessie.cel.tools.ScriptException;
import org.projectnessie.cel.tools.ScriptHost;

/**
 * A compiled expression over the variable {@code usage}: a map with {@code prompt_tokens}, {@code
 * completion_tokens} and {@code total_tokens}, and {@code prompt_tokens_details.cached_tokens} when
 * the model server reported it. All numbers are doubles, as CEL has no numbers of mixed type.
 * Immutable, for any thread; an evaluation takes microseconds.
 */
final class UsageExpression {

  private static final String USAGE = "usage";
  private static final ScriptHost COMPILER = ScriptHost.newBuilder().build();

  private final String text;
  private final Script script;

  private UsageExpression(String text, Script script) {
    this.text = text;
    this.script = script;
  }

  /**
   * Compiles an expression.
   *
   * @param field where the expression stands, for the message
   * @throws IllegalArgumentException with line, column and reason of what does not compile
   */
  static UsageExpression compile(String field, String text) {
    try {
      return new UsageExpression(
          text,
          COMPILER
              .buildScript(text)
              .withDeclarations(Decls.newVar(USAGE, Decls.newMapType(Decls.String, Decls.Dyn)))
              .build());
    } catch (ScriptCreateException e) {
      throw new IllegalArgumentException(
          field + " \"" + text + "\" does not compile: " + e.getMessage(), e);
    }
  }

  /** What expressions see of a usage. */
  static Map<String, Object> variables(Usage usage) {
    Map<String, Object> counts = new HashMap<>();
    counts.put("prompt_tokens", (double) usage.promptTokens());
    counts.put("completion_tokens", (double) usage.completionTokens());
    counts.put("total_tokens", (double) usage.totalTokens());
    if (usage.cachedTokens() >= 0) {
      counts.put("prompt_tokens_details", Map.of("cached_tokens", (double) usage.cachedTokens()));
    }
    return Map.of(USAGE, counts);
  }

  /**
   * The result as a Java value.
   *
   * @throws IllegalStateException when the expression has none, such as for a key that is not there
   */
  @Nullable Object evaluate(Map<String, Object> variables) {
    try {
      return script.execute(Object.class, variables);
    } catch (ScriptException e) {
      throw new IllegalStateException("\"" + text + "\" has no result: " + e.getMessage(), e);
    }
  }
}
