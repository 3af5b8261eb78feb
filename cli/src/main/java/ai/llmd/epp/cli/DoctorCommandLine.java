package ai.llmd.epp.cli;

import ai.llmd.epp.cli.command.AdminClient;
import ai.llmd.epp.cli.command.AdminFlags;
import ai.llmd.epp.commandline.Flag;
import ai.llmd.epp.commandline.FlagParser;
import ai.llmd.epp.commandline.FlagValues;
import ai.llmd.epp.commandline.GivenFlags;
import ai.llmd.epp.commandline.ParsedFlags;
import ai.llmd.epp.commandline.ParsedFlags.Given;
import ai.llmd.epp.commandline.ParsedFlags.Leave;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The command line of {@code epp doctor}: the program's own flags, and a few about the check. */
public sealed interface DoctorCommandLine {

  /** Fails where there is anything to remark. */
  Flag<Boolean> STRICT =
      Flag.bool("--strict", false, "End with status 1 when there is anything to remark.");

  /** What the picker will have. */
  Flag<Long> HEAP =
      Flag.of(
          "--heap",
          "SIZE",
          0L,
          FlagValues::positiveSize,
          "Heap that the picker will run with, as 2Gi; else that of this JVM.");

  /**
   * Look at these.
   *
   * @param heapBytes that the picker will run with
   * @param picker a running one to ask what servers report; null for none
   */
  record Look(
      Options options,
      List<String> warnings,
      boolean isStrict,
      long heapBytes,
      @Nullable AdminClient picker)
      implements DoctorCommandLine {

    public Look {
      warnings = List.copyOf(warnings);
    }
  }

  /** Print and leave, as {@link CommandLineResult.Exit}. */
  record Exit(int code, String text) implements DoctorCommandLine {}

  /** The flags about the check, in the order of the usage text. */
  static List<Flag<?>> flags() {
    List<Flag<?>> flags = new ArrayList<>(List.of(STRICT, HEAP));
    flags.addAll(AdminFlags.ALL);
    return flags;
  }

  /**
   * Reads and checks a command line. The name of a pool may be missing: it changes nothing.
   *
   * @param environment variables by name
   */
  static DoctorCommandLine parse(Map<String, String> environment, List<String> arguments) {
    FlagParser parser =
        new FlagParser(
            "epp doctor",
            "Checks flags and configuration as --validate does, and shows what is legal and unwise."
                + " Takes the flags of the picker, and some of its own. --admin names a running"
                + " picker to compare with what its model servers report.",
            Stream.of(flags(), Flags.VISIBLE, Flags.REMOVED).flatMap(List::stream).toList());
    ParsedFlags parsed = parser.parse(arguments.toArray(String[]::new));
    if (parsed instanceof Given given && !namesPool(given.flags())) {
      List<String> named = new ArrayList<>(arguments);
      named.addFirst(Flags.POOL_NAME + "=doctor");
      parsed = parser.parse(named.toArray(String[]::new));
    }
    return switch (parsed) {
      case Given given -> look(given.flags(), environment);
      case Leave leave -> new Exit(leave.code(), leave.text());
    };
  }

  private static boolean namesPool(GivenFlags given) {
    return given.has(Flags.POOL_NAME) || given.has(Flags.ENDPOINT_SELECTOR);
  }

  private static DoctorCommandLine look(GivenFlags given, Map<String, String> environment) {
    long heap = given.has(HEAP) ? given.get(HEAP) : Runtime.getRuntime().maxMemory();
    List<String> errors = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    Options options = new OptionsReader(given, environment, errors, warnings, heap).read();
    return errors.isEmpty()
        ? new Look(
            options,
            warnings,
            given.get(STRICT),
            heap,
            given.has(AdminFlags.ADMIN) ? AdminFlags.client(given) : null)
        : new Exit(1, String.join("\n", errors));
  }
}
