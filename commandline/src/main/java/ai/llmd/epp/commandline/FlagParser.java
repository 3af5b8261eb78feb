package ai.llmd.epp.commandline;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads command lines by a table of flags: GNU style, {@code --flag value} or {@code --flag=value};
 * of a repeated flag the last value counts. Adds {@code --help}.
 */
public final class FlagParser {

  private static final int USAGE_ERROR = 2;
  private static final int USAGE_WIDTH = 100;

  private final CommandSpec spec;

  /**
   * @param program as users call it
   * @param description of the program, one sentence for the usage text
   * @param flags in the order of the usage text
   */
  public FlagParser(String program, String description, List<Flag<?>> flags) {
    spec = CommandSpec.create().name(program);
    spec.usageMessage().description(description).sortOptions(false).width(USAGE_WIDTH);
    spec.addOption(
        OptionSpec.builder("-h", "--help")
            .usageHelp(true)
            .description("Show this text and exit.")
            .build());
    flags.forEach(flag -> spec.addOption(option(flag)));
  }

  /** Reads a command line, whose values are checked one by one and not against each other. */
  public ParsedFlags parse(String... arguments) {
    CommandLine commandLine = new CommandLine(spec);
    commandLine.setOverwrittenOptionsAllowed(true);
    try {
      ParseResult parsed = commandLine.parseArgs(arguments);
      return parsed.isUsageHelpRequested()
          ? new ParsedFlags.Leave(0, commandLine.getUsageMessage())
          : new ParsedFlags.Given(new GivenFlags(parsed));
    } catch (ParameterException e) {
      return new ParsedFlags.Leave(
          USAGE_ERROR, e.getMessage() + "\n\n" + commandLine.getUsageMessage());
    }
  }

  private static OptionSpec option(Flag<?> flag) {
    OptionSpec.Builder option =
        OptionSpec.builder(flag.names().toArray(String[]::new))
            .type(Object.class)
            .paramLabel(flag.label())
            .converters(text -> convert(flag, text))
            .hidden(flag.isHidden())
            .description(flag.description().replace("%", "%%"), defaultOf(flag));
    return flag.isBoolean()
        ? option.arity("0..1").fallbackValue("true").build()
        : option.arity("1").build();
  }

  private static Object convert(Flag<?> flag, String text) {
    try {
      return flag.reader().read(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }

  private static String defaultOf(Flag<?> flag) {
    String initial = flag.initial().toString();
    return initial.isEmpty() || initial.equals("[]") ? "" : "Default: " + initial;
  }
}
