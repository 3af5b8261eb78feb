package ai.llmd.epp.bootstrap;

import ai.llmd.epp.commandline.Flag;
import ai.llmd.epp.commandline.FlagParser;
import ai.llmd.epp.commandline.GivenFlags;
import ai.llmd.epp.commandline.ParsedFlags;
import ai.llmd.epp.configuration.spelling.ConvertedConfiguration;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.YamlSource;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.stream.Stream;

/**
 * {@code epp convert --to v1 FILE}: prints a configuration in another spelling, with its comments.
 * What it could not rewrite goes to the error stream, one line each.
 */
final class ConvertCommand {

  static final String NAME = "convert";

  private static final int REFUSED = 1;
  private static final int USAGE_ERROR = 2;

  private static final Flag<String> TO =
      Flag.of("--to", "v1", "v1", ConvertCommand::version, "Spelling to print.");
  private static final Flag<String> FILE =
      Flag.text("--config-file", "", "Configuration file; may stand at the end without its flag.");

  private ConvertCommand() {}

  /**
   * Prints the file in the new spelling.
   *
   * @param arguments what follows the command's name
   * @return the status to end with: 0, 1 for a file that cannot be read, 2 for usage errors
   */
  static int run(List<String> arguments, PrintStream out, PrintStream err) {
    return switch (parser().parse(withFlag(arguments))) {
      case ParsedFlags.Given given -> convert(given.flags(), out, err);
      case ParsedFlags.Leave leave -> {
        (leave.code() == 0 ? out : err).println(leave.text());
        yield leave.code();
      }
    };
  }

  private static FlagParser parser() {
    return new FlagParser(
        "epp " + NAME, "Prints a configuration in another spelling.", List.of(TO, FILE));
  }

  /** A last argument that is no flag and no flag's value is the file. */
  private static String[] withFlag(List<String> arguments) {
    int last = arguments.size() - 1;
    boolean isFile =
        last >= 0
            && !arguments.get(last).startsWith("-")
            && (last == 0 || !isFlagWithoutValue(arguments.get(last - 1)));
    return (isFile
            ? Stream.concat(
                arguments.subList(0, last).stream(), Stream.of(FILE.name(), arguments.get(last)))
            : arguments.stream())
        .toArray(String[]::new);
  }

  private static boolean isFlagWithoutValue(String argument) {
    return argument.equals(TO.name()) || argument.equals(FILE.name());
  }

  private static String version(String text) {
    if (!text.equals("v1") && !text.equals("llm-d.ai/v1")) {
      throw new IllegalArgumentException("must be v1, was \"" + text + '"');
    }
    return text;
  }

  private static int convert(GivenFlags given, PrintStream out, PrintStream err) {
    if (given.get(FILE).isEmpty()) {
      err.println(FILE + ": is missing: the file to convert");
      return USAGE_ERROR;
    }
    try {
      ConvertedConfiguration converted =
          ConvertedConfiguration.toV1(YamlSource.ofFile(given.get(FILE)));
      out.print(converted.text());
      converted.remarks().forEach(err::println);
      return 0;
    } catch (IOException | InvalidDocumentException e) {
      err.println(e.getMessage());
      return REFUSED;
    }
  }
}
