package ai.llmd.epp.commandline;

/** What a {@link FlagParser} made of a command line. */
public sealed interface ParsedFlags {

  /** Every flag was known and every value could be read. */
  record Given(GivenFlags flags) implements ParsedFlags {}

  /**
   * Print and leave.
   *
   * @param code 0 for {@code --help}, 2 for usage errors
   * @param text for standard output when the code is 0, else for standard error
   */
  record Leave(int code, String text) implements ParsedFlags {}
}
