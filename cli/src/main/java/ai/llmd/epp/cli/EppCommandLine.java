package ai.llmd.epp.cli;

import ai.llmd.epp.cli.CommandLineResult.Exit;
import ai.llmd.epp.cli.CommandLineResult.Run;
import ai.llmd.epp.commandline.FlagParser;
import ai.llmd.epp.commandline.GivenFlags;
import ai.llmd.epp.commandline.ParsedFlags.Given;
import ai.llmd.epp.commandline.ParsedFlags.Leave;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Reads the command line by the table of {@link Flags}. */
public final class EppCommandLine {

  private static final int REFUSED = 1;

  private EppCommandLine() {}

  /**
   * Reads and checks a command line.
   *
   * @param environment variables by name; read for {@code NAMESPACE}
   */
  public static CommandLineResult parse(Map<String, String> environment, String... arguments) {
    return parse(environment, Runtime.getRuntime().maxMemory(), arguments);
  }

  /**
   * @param heapBytes what the heap may grow to; bounds that are not given depend on it
   */
  static CommandLineResult parse(
      Map<String, String> environment, long heapBytes, String... arguments) {
    FlagParser parser =
        new FlagParser(
            "epp",
            "Picks the model server that serves each request of an Envoy gateway.",
            Stream.concat(Flags.VISIBLE.stream(), Flags.REMOVED.stream()).toList());
    return switch (parser.parse(arguments)) {
      case Given given -> check(given.flags(), environment, heapBytes);
      case Leave leave -> new Exit(leave.code(), leave.text());
    };
  }

  private static CommandLineResult check(
      GivenFlags given, Map<String, String> environment, long heapBytes) {
    List<String> warnings = new ArrayList<>();
    List<String> errors = new ArrayList<>();
    Options options = new OptionsReader(given, environment, errors, warnings, heapBytes).read();
    return errors.isEmpty()
        ? new Run(options, warnings)
        : new Exit(REFUSED, String.join("\n", errors));
  }
}
