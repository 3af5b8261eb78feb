package ai.llmd.epp.cli;

import java.util.List;

/** What a command line requests. */
public sealed interface CommandLineResult {

  /**
   * Go on with these options.
   *
   * @param warnings sentences for the log
   */
  record Run(Options options, List<String> warnings) implements CommandLineResult {

    public Run {
      warnings = List.copyOf(warnings);
    }
  }

  /**
   * Print and leave.
   *
   * @param code 0 for {@code --help}, 1 for values that cannot be used, 2 for usage errors
   * @param text for standard output when the code is 0, else for standard error
   */
  record Exit(int code, String text) implements CommandLineResult {}
}
