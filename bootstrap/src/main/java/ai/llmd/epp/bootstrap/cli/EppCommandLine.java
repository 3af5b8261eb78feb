package ai.llmd.epp.bootstrap.cli;

import ai.llmd.epp.bootstrap.cli.CommandLineResult.Exit;
import ai.llmd.epp.bootstrap.cli.CommandLineResult.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads the command line by the table of {@link Flags}: GNU style, {@code --flag value} or {@code
 * --flag=value}; of a repeated flag the last value counts.
 */
public final class EppCommandLine {

  private static final int USAGE_ERROR = 2;
  private static final int REFUSED = 1;

  private EppCommandLine() {}

  /**
   * Reads and checks a command line.
   *
   * @param environment variables by name; read for {@code NAMESPACE}
   */
  public static CommandLineResult parse(Map<String, String> environment, String... arguments) {
    CommandLine commandLine = new CommandLine(spec());
    commandLine.setOverwrittenOptionsAllowed(true);
    try {
      ParseResult parsed = commandLine.parseArgs(arguments);
      if (parsed.isUsageHelpRequested()) {
        return new Exit(0, commandLine.getUsageMessage());
      }
      return check(new GivenFlags(parsed), environment);
    } catch (ParameterException e) {
      return new Exit(USAGE_ERROR, e.getMessage() + "\n\n" + commandLine.getUsageMessage());
    }
  }

  private static CommandLineResult check(GivenFlags given, Map<String, String> environment) {
    List<String> warnings = new ArrayList<>();
    List<String> errors = new ArrayList<>();
    Options options = new OptionsReader(given, environment, errors, warnings).read();
    return errors.isEmpty()
        ? new Run(options, warnings)
        : new Exit(REFUSED, String.join("\n", errors));
  }

  private static CommandSpec spec() {
    CommandSpec spec = CommandSpec.create().name("epp");
    spec.usageMessage()
        .description("Picks the model server that serves each request of an Envoy gateway.")
        .sortOptions(false)
        .width(100);
    spec.addOption(
        OptionSpec.builder("-h", "--help")
            .usageHelp(true)
            .description("Show this text and exit.")
            .build());
    Stream.concat(Flags.VISIBLE.stream(), Flags.REMOVED.stream())
        .forEach(flag -> spec.addOption(option(flag)));
    return spec;
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
