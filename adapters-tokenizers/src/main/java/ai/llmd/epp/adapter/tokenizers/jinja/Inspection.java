package ai.llmd.epp.adapter.tokenizers.jinja;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a template's statements say without being executed. */
final class Inspection {

  private final List<Statement> statements = new ArrayList<>(); // in the order of the text
  private final List<Expression> expressions = new ArrayList<>();

  Inspection(List<Statement> template) {
    template.forEach(this::add);
  }

  private void add(Statement statement) {
    statements.add(statement);
    switch (statement) {
      case Statement.Output output -> add(output.value());
      case Statement.If choice -> {
        add(choice.condition());
        choice.then().forEach(this::add);
        choice.otherwise().forEach(this::add);
      }
      case Statement.For loop -> {
        add(loop.iterable());
        addIfThere(loop.filter());
        loop.body().forEach(this::add);
        loop.otherwise().forEach(this::add);
      }
      case Statement.Assign assignment -> add(assignment.value());
      case Statement.AssignBlock block -> block.body().forEach(this::add);
      case Statement.Macro macro -> {
        macro.defaults().values().forEach(this::add);
        macro.body().forEach(this::add);
      }
      case Statement.Block block -> block.body().forEach(this::add);
      case Statement.Text text -> {}
      case Statement.Break end -> {}
      case Statement.Continue next -> {}
    }
  }

  private void addIfThere(@Nullable Expression expression) {
    if (expression != null) {
      add(expression);
    }
  }

  private void add(Expression expression) {
    expressions.add(expression);
    switch (expression) {
      case Expression.Literal literal -> {}
      case Expression.Name name -> {}
      case Expression.Attribute attribute -> add(attribute.object());
      case Expression.Item item -> {
        add(item.object());
        add(item.key());
      }
      case Expression.Slice slice -> {
        add(slice.object());
        addIfThere(slice.start());
        addIfThere(slice.stop());
        addIfThere(slice.step());
      }
      case Expression.Call call -> {
        add(call.function());
        add(call.given());
      }
      case Expression.Filtered filtered -> {
        add(filtered.value());
        add(filtered.given());
      }
      case Expression.Tested tested -> {
        add(tested.value());
        add(tested.given());
      }
      case Expression.Not not -> add(not.value());
      case Expression.Sign sign -> add(sign.value());
      case Expression.And and -> addBoth(and.left(), and.right());
      case Expression.Or or -> addBoth(or.left(), or.right());
      case Expression.Arithmetic sum -> addBoth(sum.left(), sum.right());
      case Expression.Concatenation texts -> texts.parts().forEach(this::add);
      case Expression.Comparison comparison -> {
        add(comparison.first());
        comparison.rest().forEach(compared -> add(compared.value()));
      }
      case Expression.Conditional choice -> {
        addBoth(choice.then(), choice.condition());
        addIfThere(choice.otherwise());
      }
      case Expression.ListOf list -> list.elements().forEach(this::add);
      case Expression.DictOf dict ->
          dict.entries().forEach(entry -> addBoth(entry.key(), entry.value()));
    }
  }

  private void addBoth(Expression one, Expression other) {
    add(one);
    add(other);
  }

  private void add(Expression.Given given) {
    given.positional().forEach(this::add);
    given.named().values().forEach(this::add);
  }

  /**
   * Refuses what could not be rendered whatever the variables are.
   *
   * @throws TemplateException if something is called that does not exist, or a filter cannot be
   *     used
   */
  void check() {
    Set<String> functions = new HashSet<>(Globals.NAMES);
    for (Statement statement : statements) {
      switch (statement) {
        case Statement.Macro macro -> {
          functions.add(macro.name());
          functions.addAll(macro.parameters());
        }
        case Statement.Assign assignment -> functions.addAll(assignment.target().names());
        case Statement.For loop -> functions.addAll(loop.target().names());
        default -> {}
      }
    }
    for (Expression expression : expressions) {
      if (expression instanceof Expression.Call call) {
        switch (call.function()) {
          case Expression.Name(var name) when !functions.contains(name) ->
              throw new TemplateException("the function " + name + " is not known");
          case Expression.Attribute(var object, var name)
              when !Methods.isKnown(name)
                  && !name.equals("cycle")
                  && !(object instanceof Expression.Name) ->
              throw new TemplateException("the method " + name + " is not known");
          default -> {}
        }
      }
    }
  }

  /**
   * Whether there is a loop over the content of a message, in a macro perhaps, by which vLLM
   * decides that a template wants its parts instead of one text.
   */
  boolean hasContentLoop() {
    Set<String> lists = listsOfMessages();
    Set<String> messages = new LinkedHashSet<>();
    for (Statement.For loop : loops()) {
      if (lists.stream().anyMatch(list -> reads(loop.iterable(), list, null))) {
        if (loop.target().names().size() != 1) {
          return false;
        }
        messages.add(loop.target().names().getFirst());
      }
    }
    IdentityHashMap<Statement.For, Set<String>> inMacros = new IdentityHashMap<>();
    for (Statement statement : statements) {
      if (statement instanceof Statement.Macro macro) {
        Set<String> contents = contentParameters(macro, messages);
        for (Statement.For loop : new Inspection(macro.body()).loops()) {
          inMacros.merge(loop, contents, (outer, inner) -> inner.isEmpty() ? outer : inner);
        }
      }
    }
    for (Statement.For loop : loops()) {
      Set<String> contents = inMacros.getOrDefault(loop, Set.of("content"));
      boolean isOfContent =
          messages.stream().anyMatch(message -> reads(loop.iterable(), message, "content"))
              || (loop.iterable() instanceof Expression.Name(var name) && contents.contains(name));
      if (isOfContent) {
        return loop.target().names().size() == 1;
      }
    }
    return false;
  }

  private List<Statement.For> loops() {
    List<Statement.For> loops = new ArrayList<>();
    for (Statement statement : statements) {
      if (statement instanceof Statement.For loop) {
        loops.add(loop);
      }
    }
    return loops;
  }

  /** The parameters of a macro that are given the content of a message somewhere. */
  private Set<String> contentParameters(Statement.Macro macro, Set<String> messages) {
    Set<String> contents = new HashSet<>();
    for (Expression expression : expressions) {
      if (expression instanceof Expression.Call(Expression.Name(var name), var given)
          && name.equals(macro.name())) {
        for (int i = 0; i < given.positional().size() && i < macro.parameters().size(); i++) {
          addIfContent(given.positional().get(i), macro.parameters().get(i), messages, contents);
        }
        given
            .named()
            .forEach(
                (parameter, value) -> {
                  if (macro.parameters().contains(parameter)) {
                    addIfContent(value, parameter, messages, contents);
                  }
                });
      }
    }
    return contents;
  }

  private static void addIfContent(
      Expression value, String parameter, Set<String> messages, Set<String> contents) {
    if (messages.stream().anyMatch(message -> reads(value, message, "content"))) {
      contents.add(parameter);
    }
  }

  /** The names of what holds the messages, or some of them; empty where that is not clear. */
  private Set<String> listsOfMessages() {
    Set<String> lists = new LinkedHashSet<>(Set.of("messages"));
    Deque<String> related = new ArrayDeque<>(lists);
    while (!related.isEmpty()) {
      String list = related.remove();
      for (Statement statement : statements) {
        if (statement instanceof Statement.Assign(var target, var value)
            && reads(value, list, null)) {
          if (target.member() != null || target.names().size() != 1) {
            return Set.of();
          }
          if (lists.add(target.names().getFirst())) {
            related.add(target.names().getFirst());
          }
        }
      }
    }
    return lists;
  }

  /** Whether an expression is a variable, or a member of it, filtered or sliced perhaps. */
  private static boolean reads(Expression expression, String variable, @Nullable String member) {
    return switch (expression) {
      case Expression.Filtered filtered -> reads(filtered.value(), variable, member);
      case Expression.Tested tested -> reads(tested.value(), variable, member);
      case Expression.Slice slice -> reads(slice.object(), variable, member);
      case Expression.Name name -> member == null && name.name().equals(variable);
      case Expression.Attribute(Expression.Name(var name), var attribute) ->
          name.equals(variable) && attribute.equals(member);
      case Expression.Item(Expression.Name(var name), Expression.Literal(var key)) ->
          name.equals(variable) && key.equals(member);
      default -> false;
    };
  }
}
