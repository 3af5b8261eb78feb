package ai.llmd.epp.sidecar.cli;

import ai.llmd.epp.commandline.FlagParser;
import ai.llmd.epp.commandline.ParsedFlags;
import java.util.Map;

/** Makes settings of a command line, as the program does. */
public final class Arguments {

  private Arguments() {}

  /** With these variables. */
  public static SidecarSettings read(Map<String, String> environment, String... arguments) {
    ParsedFlags parsed = new FlagParser("pd-sidecar", "", SidecarFlags.ALL).parse(arguments);
    return switch (parsed) {
      case ParsedFlags.Given given -> SettingsReader.read(given.flags(), environment);
      case ParsedFlags.Leave leave -> throw new IllegalArgumentException(leave.text());
    };
  }

  /** Without any variable. */
  public static SidecarSettings read(String... arguments) {
    return read(Map.of(), arguments);
  }
}
