package ai.llmd.epp.acceptance.docs;

/** A page in the making. */
final class Markdown {

  private final StringBuilder text = new StringBuilder();

  Markdown heading(int level, String title) {
    if (!text.isEmpty()) {
      text.append('\n');
    }
    text.append("#".repeat(level)).append(' ').append(title).append('\n');
    return this;
  }

  Markdown paragraph(String paragraph) {
    text.append('\n').append(paragraph).append('\n');
    return this;
  }

  /** Opens a table; its rows follow. */
  Markdown table(String... titles) {
    text.append('\n');
    return row(titles).rule(titles.length);
  }

  Markdown row(String... cells) {
    text.append('|');
    for (String cell : cells) {
      text.append(' ').append(cell.replace("|", "\\|")).append(" |");
    }
    text.append('\n');
    return this;
  }

  private Markdown rule(int columns) {
    text.append('|').append("---|".repeat(columns)).append('\n');
    return this;
  }

  /** Text as code; nothing stays nothing. */
  static String code(String text) {
    return text.isEmpty() ? "" : '`' + text + '`';
  }

  String text() {
    return text.toString();
  }
}
