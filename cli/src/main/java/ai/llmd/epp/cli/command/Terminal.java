package ai.llmd.epp.cli.command;

/** What is printed of another program's answer. */
public final class Terminal {

  private Terminal() {}

  /** Without what would steer the terminal; lines stay. */
  public static String safe(String text) {
    StringBuilder shown = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c -> shown.appendCodePoint(c == '\n' || !Character.isISOControl(c) ? c : '?'));
    return shown.toString();
  }
}
