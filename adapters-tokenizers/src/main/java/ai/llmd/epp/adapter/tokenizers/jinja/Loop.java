package ai.llmd.epp.adapter.tokenizers.jinja;

import java.util.List;

/** Where a loop is: what templates find as {@code loop}. */
final class Loop implements Accesses.Members {

  private final List<Object> elements;
  private int index;

  Loop(List<Object> elements) {
    this.elements = elements;
  }

  void moveTo(int newIndex) {
    index = newIndex;
  }

  @Override
  public Object member(String name) {
    int length = elements.size();
    return switch (name) {
      case "index" -> index + 1L;
      case "index0" -> (long) index;
      case "revindex" -> (long) length - index;
      case "revindex0" -> length - index - 1L;
      case "first" -> index == 0;
      case "last" -> index == length - 1;
      case "length" -> (long) length;
      case "depth" -> 1L; // more only in recursive loops
      case "depth0" -> 0L;
      case "previtem" -> index == 0 ? Undefined.UNDEFINED : elements.get(index - 1);
      case "nextitem" -> index == length - 1 ? Undefined.UNDEFINED : elements.get(index + 1);
      case "cycle" -> (Function) this::cycle;
      default -> Undefined.UNDEFINED;
    };
  }

  private Object cycle(Arguments arguments) {
    if (arguments.positional().isEmpty()) {
      throw new TemplateException("cycle misses its values");
    }
    return arguments.positional().get(index % arguments.positional().size());
  }
}
