package ai.llmd.epp.commandline;

import java.util.List;

/** What {@code --help} prints: each flag with its description and default below it. */
final class UsageText {

  private static final int WIDTH = 100; // columns
  private static final String INDENT = "        ";

  private UsageText() {}

  static String of(String program, String description, List<Flag<?>> flags) {
    StringBuilder text = new StringBuilder();
    text.append("Usage: ").append(program).append(" [FLAG…]\n").append(description).append('\n');
    text.append("  -h, --help\n");
    wrap("Show this text and exit.", text);
    for (Flag<?> flag : flags) {
      if (!flag.isHidden()) {
        text.append("  ").append(String.join(", ", flag.names()));
        text.append(flag.isBoolean() ? "[=" : "=").append(flag.label());
        text.append(flag.isBoolean() ? "]\n" : "\n");
        wrap(flag.description() + initialOf(flag), text);
      }
    }
    return text.toString();
  }

  private static String initialOf(Flag<?> flag) {
    String initial = flag.initial().toString();
    return initial.isEmpty() || initial.equals("[]") ? "" : " Default: " + initial;
  }

  private static void wrap(String description, StringBuilder text) {
    int column = 0;
    for (String word : description.split(" ", -1)) {
      if (column > 0 && column + 1 + word.length() > WIDTH) {
        text.append('\n');
        column = 0;
      }
      String before = column == 0 ? INDENT : " ";
      text.append(before).append(word);
      column += before.length() + word.length();
    }
    text.append('\n');
  }
}
