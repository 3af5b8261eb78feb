package ai.llmd.epp.cli.command;

import ai.llmd.epp.commandline.Flag;
import ai.llmd.epp.commandline.FlagParser;
import ai.llmd.epp.commandline.GivenFlags;
import ai.llmd.epp.commandline.ParsedFlags.Given;
import ai.llmd.epp.commandline.ParsedFlags.Leave;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code epp explain}: prints a decision of a running picker as a table.
 *
 * <p>Exit codes: 0 when it was printed; 1 when the picker has no such decision or gives no answer;
 * 2 for a command line that does not parse.
 */
public final class ExplainCommand {

  /** The first argument. */
  public static final String NAME = "explain";

  static final Flag<String> REQUEST_ID =
      Flag.text("--request-id", "", "The request, by its x-request-id.");
  static final Flag<Integer> LAST =
      Flag.number("--last", 0, "Instead of a request, so many of the latest decisions.");

  private static final int MAX_LAST = 100;
  private static final int DONE = 0;
  private static final int REFUSED = 1;
  private static final int USAGE_ERROR = 2;

  private ExplainCommand() {}

  /** Every flag, in the order of the usage text. */
  public static List<Flag<?>> flags() {
    List<Flag<?>> flags = new ArrayList<>(List.of(REQUEST_ID, LAST));
    flags.addAll(AdminFlags.ALL);
    return flags;
  }

  /** Runs it; returns the exit code. */
  public static int run(List<String> arguments, PrintStream out, PrintStream errors) {
    FlagParser parser =
        new FlagParser("epp explain", "Prints where a request went, and why.", flags());
    return switch (parser.parse(arguments.toArray(String[]::new))) {
      case Given given -> run(given.flags(), out, errors);
      case Leave leave -> {
        (leave.code() == DONE ? out : errors).println(leave.text());
        yield leave.code();
      }
    };
  }

  private static int run(GivenFlags given, PrintStream out, PrintStream errors) {
    boolean hasId = !given.get(REQUEST_ID).isEmpty();
    int last = given.get(LAST);
    if (hasId == given.has(LAST)) {
      errors.println("either %s or %s must be set".formatted(REQUEST_ID, LAST));
      return USAGE_ERROR;
    }
    if (!hasId && (last < 1 || last > MAX_LAST)) {
      errors.println("%s: must be within 1 and %d, was %d".formatted(LAST, MAX_LAST, last));
      return USAGE_ERROR;
    }
    String which =
        hasId
            ? "request_id=" + URLEncoder.encode(given.get(REQUEST_ID), StandardCharsets.UTF_8)
            : "n=" + last;
    try {
      AdminClient.Page page = AdminFlags.client(given).get("/debug/decisions?format=text&" + which);
      if (page.isFound()) {
        out.print(Terminal.safe(page.text()));
        return DONE;
      }
      errors.println(Terminal.safe("%d: %s".formatted(page.status(), page.text().strip())));
    } catch (IOException e) {
      errors.println(e.getMessage());
    }
    return REFUSED;
  }
}
