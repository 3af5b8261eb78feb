package ai.llmd.epp.adapter.tokenizers.jinja;

import ai.llmd.epp.adapter.tokenizers.jinja.Statement.Target;
import java.util.ArrayList;
import java.util.List;

/** One rendering of a template: executes its statements. One thread. */
final class Rendering {

  private static final int MAX_CALLS = 100; // of macros inside each other

  private final Evaluation evaluation = new Evaluation();
  private int calls;

  /** How execution goes on. */
  private enum Flow {
    NEXT,
    BREAK,
    CONTINUE
  }

  String render(List<Statement> statements, Scope scope) {
    StringBuilder out = new StringBuilder();
    execute(statements, scope, out);
    return out.toString();
  }

  private Flow execute(List<Statement> statements, Scope scope, StringBuilder out) {
    for (Statement statement : statements) {
      Flow flow = execute(statement, scope, out);
      if (flow != Flow.NEXT) {
        return flow;
      }
    }
    return Flow.NEXT;
  }

  private Flow execute(Statement statement, Scope scope, StringBuilder out) {
    Effort.spend(Effort.STEP);
    switch (statement) {
      case Statement.Text text -> write(text.text(), out);
      case Statement.Output output ->
          write(PythonWriter.text(evaluation.evaluate(output.value(), scope)), out);
      case Statement.If choice -> {
        boolean isTrue = Values.isTrue(evaluation.evaluate(choice.condition(), scope));
        return execute(isTrue ? choice.then() : choice.otherwise(), scope, out);
      }
      case Statement.For loop -> {
        return loop(loop, scope, out);
      }
      case Statement.Assign assignment ->
          assign(assignment.target(), evaluation.evaluate(assignment.value(), scope), scope);
      case Statement.AssignBlock block -> {
        StringBuilder content = new StringBuilder();
        execute(block.body(), new Scope(scope), content);
        assign(block.target(), content.toString(), scope);
      }
      case Statement.Macro macro ->
          scope.set(macro.name(), (Function) given -> call(macro, given, scope));
      case Statement.Block block -> {
        return execute(block.body(), new Scope(scope), out);
      }
      case Statement.Break end -> {
        return Flow.BREAK;
      }
      case Statement.Continue next -> {
        return Flow.CONTINUE;
      }
    }
    return Flow.NEXT;
  }

  private static void write(String text, StringBuilder out) {
    Effort.spend(text.length());
    out.append(text);
  }

  private Flow loop(Statement.For loop, Scope scope, StringBuilder out) {
    List<Object> elements = Values.elements(evaluation.evaluate(loop.iterable(), scope));
    Expression filter = loop.filter();
    if (filter != null) {
      List<Object> kept = new ArrayList<>();
      for (Object element : elements) {
        Effort.spend(Effort.STEP);
        Scope inner = new Scope(scope);
        assign(loop.target(), element, inner);
        if (Values.isTrue(evaluation.evaluate(filter, inner))) {
          kept.add(element);
        }
      }
      elements = kept;
    }
    if (elements.isEmpty()) {
      return execute(loop.otherwise(), new Scope(scope), out);
    }
    Loop place = new Loop(elements);
    for (int i = 0; i < elements.size(); i++) {
      place.moveTo(i);
      Scope inner = new Scope(scope);
      inner.set("loop", place);
      assign(loop.target(), elements.get(i), inner);
      Effort.spend(Effort.STEP);
      if (execute(loop.body(), inner, out) == Flow.BREAK) {
        break;
      }
    }
    return Flow.NEXT;
  }

  private static void assign(Target target, Object value, Scope scope) {
    String first = target.names().getFirst();
    String member = target.member();
    if (member != null) {
      if (!(scope.get(first) instanceof Namespace namespace)) {
        throw new TemplateException("a member is set of " + Values.typeName(scope.get(first)));
      }
      namespace.set(member, value);
      return;
    }
    if (target.names().size() == 1) {
      scope.set(first, value);
      return;
    }
    List<Object> parts = Values.elements(value);
    if (parts.size() != target.names().size()) {
      throw new TemplateException(
          parts.size() + " values are set to " + target.names().size() + " names");
    }
    for (int i = 0; i < parts.size(); i++) {
      scope.set(target.names().get(i), parts.get(i));
    }
  }

  private Object call(Statement.Macro macro, Arguments given, Scope defined) {
    List<String> parameters = macro.parameters();
    if (given.positional().size() > parameters.size()
        || !parameters.containsAll(given.named().keySet())) {
      throw new TemplateException("the macro " + macro.name() + " does not take these arguments");
    }
    if (++calls > MAX_CALLS) {
      throw new TemplateException("macros call each other too deeply");
    }
    Scope scope = new Scope(defined);
    for (int i = 0; i < parameters.size(); i++) {
      String parameter = parameters.get(i);
      Expression fallback = macro.defaults().get(parameter);
      if (given.has(i, parameter)) {
        scope.set(parameter, given.get(i, parameter));
      } else {
        scope.set(
            parameter,
            fallback == null ? Undefined.UNDEFINED : evaluation.evaluate(fallback, scope));
      }
    }
    StringBuilder out = new StringBuilder();
    execute(macro.body(), scope, out);
    calls--;
    return out.toString();
  }
}
