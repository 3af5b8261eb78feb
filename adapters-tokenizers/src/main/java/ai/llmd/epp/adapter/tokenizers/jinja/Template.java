package ai.llmd.epp.adapter.tokenizers.jinja;

import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A chat template. Values are {@link None}, Boolean, Long, BigInteger, Double, String, lists, and
 * maps by text that keep their order. Any thread.
 */
public final class Template {

  private final List<Statement> statements;
  private final Globals globals;
  private final boolean hasContentLoop;
  private final String source;

  private Template(
      String source, List<Statement> statements, Globals globals, Inspection inspection) {
    this.statements = statements;
    this.globals = globals;
    this.hasContentLoop = inspection.hasContentLoop();
    this.source = source;
  }

  /**
   * Reads a template.
   *
   * @param now the time, where the template asks for it
   * @throws TemplateException if anything in it is not known
   */
  public static Template read(String source, Supplier<LocalDateTime> now) {
    try {
      List<Statement> statements = Parser.parse(source);
      Inspection inspection = new Inspection(statements);
      inspection.check();
      return new Template(source, statements, new Globals(now), inspection);
    } catch (StackOverflowError e) {
      throw new TemplateException("it is nested too deeply");
    }
  }

  /** Whether it takes a message's content apart, so that it wants parts instead of one text. */
  public boolean hasContentLoop() {
    return hasContentLoop;
  }

  /** Whether this text stands in it between quotes. */
  public boolean mentions(String text) {
    return source.contains('"' + text + '"') || source.contains("'" + text + "'");
  }

  /**
   * What the template makes of variables. Takes some seconds at most, whatever the template does,
   * and ends soon after the thread is interrupted.
   *
   * @throws TemplateException if it refuses them, or cannot render them, or does too much
   */
  public String render(Map<String, Object> variables) {
    return render(variables, new Effort(Effort.MAX));
  }

  String render(Map<String, Object> variables, Effort effort) {
    Scope scope = new Scope(null);
    globals.addTo(scope);
    variables.forEach(scope::set);
    try {
      return effort.during(() -> new Rendering().render(statements, scope));
    } catch (StackOverflowError e) {
      throw new TemplateException("values or calls are nested too deeply");
    }
  }
}
