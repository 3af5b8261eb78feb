package ai.llmd.epp.acceptance.docs;

import static ai.llmd.epp.acceptance.docs.Markdown.code;

import ai.llmd.epp.commandline.Flag;
import ai.llmd.epp.commandline.GoDuration;
import ai.llmd.epp.sidecar.cli.SidecarFlags;
import java.time.Duration;
import java.util.List;

/** {@code docs/sidecar-flags.md}. */
final class SidecarFlagsPage {

  private SidecarFlagsPage() {}

  static String text() {
    Markdown page =
        new Markdown()
            .heading(1, "Flags of the sidecar")
            .paragraph(
                """
                Generated from the flag table (`sidecar.cli.SidecarFlags`); see
                [CONTRIBUTING.md](../CONTRIBUTING.md#generated-pages). What the sidecar does is in
                [disaggregation.md](disaggregation.md). `--flag value` and `--flag=value` both work, `--flag` alone means
                true for a boolean, of a flag given twice the last value counts (lists add up), and empty arguments are
                ignored. `--help` prints the table.\
                """)
            .table("flag", "value", "default", "what");
    for (Flag<?> flag : SidecarFlags.ALL) {
      String refusal = flag.refusal();
      page.row(
          code(flag.name()),
          flag.label(),
          code(initial(flag)),
          refusal == null ? flag.description() : "**Refused** when true: " + refusal + ".");
    }
    return page.text();
  }

  private static String initial(Flag<?> flag) {
    return switch (flag.initial()) {
      case List<?> ignored -> ""; // all are empty
      case Duration duration -> GoDuration.format(duration);
      default -> flag.initial().toString();
    };
  }
}
