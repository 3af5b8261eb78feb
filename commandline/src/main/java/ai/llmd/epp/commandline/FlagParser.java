package ai.llmd.epp.commandline;

import java.util.List;

/**
 * Reads command lines by a table of flags: GNU style, {@code --flag value} or {@code --flag=value};
 * of a repeated flag the last value counts. Booleans need no value. Empty arguments, which
 * templates leave behind, are ignored. Adds {@code --help}.
 */
public final class FlagParser {

  private static final int USAGE_ERROR = 2;

  private final String program;
  private final String description;
  private final List<Flag<?>> flags;
  private final FlagNames names;

  /**
   * @param program as users call it
   * @param description of the program, one sentence for the usage text
   * @param flags in the order of the usage text
   */
  public FlagParser(String program, String description, List<Flag<?>> flags) {
    this.program = program;
    this.description = description;
    this.flags = List.copyOf(flags);
    this.names = new FlagNames(this.flags);
  }

  /**
   * Reads a command line, whose values are checked one by one and not against each other.
   *
   * <p>Mistakes are one line per flag, in the order of the arguments, each with its reason.
   */
  public ParsedFlags parse(String... arguments) {
    ArgumentReader reader = new ArgumentReader(names, List.of(arguments));
    reader.readAll();
    if (reader.asksForHelp()) {
      return new ParsedFlags.Leave(0, UsageText.of(program, description, flags));
    }
    return reader.hasMistakes()
        ? new ParsedFlags.Leave(USAGE_ERROR, String.join("\n", reader.complaints()))
        : new ParsedFlags.Given(new GivenFlags(reader.values()));
  }
}
