package ai.llmd.epp.bootstrap;

import ai.llmd.epp.cli.DoctorCommandLine;
import ai.llmd.epp.cli.DoctorCommandLine.Exit;
import ai.llmd.epp.cli.DoctorCommandLine.Look;
import ai.llmd.epp.cli.command.AdminClient;
import ai.llmd.epp.cli.command.Terminal;
import ai.llmd.epp.cli.doctor.Doctor;
import ai.llmd.epp.cli.doctor.Examined;
import ai.llmd.epp.cli.doctor.Remark;
import ai.llmd.epp.cli.doctor.ReportedBlocks;
import ai.llmd.epp.cli.doctor.ReportedDisagreement;
import ai.llmd.epp.yaml.InvalidDocumentException;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code epp doctor}: what {@code --validate} checks, and what is legal and unwise.
 *
 * <p>Exit codes: 0 when flags and configuration are valid, whatever there is to remark; 1 when they
 * are not, when the running picker gives no answer, or with {@code --strict} when there is anything
 * to remark; 2 for a command line that does not parse.
 */
final class DoctorCommand {

  /** The first argument. */
  static final String NAME = "doctor";

  private static final int REFUSED = 1;

  /** Of a page of a running picker. */
  @FunctionalInterface
  private interface Reader<T> {

    List<T> read(String page) throws IOException;
  }

  private DoctorCommand() {}

  /** Runs it; returns the exit code. */
  static int run(
      Map<String, String> environment,
      List<String> arguments,
      PrintStream out,
      PrintStream errors) {
    return switch (DoctorCommandLine.parse(environment, arguments)) {
      case Exit(int code, String text) -> {
        (code == 0 ? out : errors).println(text);
        yield code;
      }
      case Look look -> run(look, out, errors);
    };
  }

  private static int run(Look look, PrintStream out, PrintStream errors) {
    try {
      List<Remark> remarks = new ArrayList<>();
      for (String warning : look.warnings()) {
        remarks.add(
            new Remark("flags", warning, "the picker logs this at every start", "docs/flags.md"));
      }
      remarks.addAll(
          Doctor.examine(
              new Examined(
                  look.options(),
                  DryRun.validate(look.options()),
                  look.heapBytes(),
                  page(look.picker(), "/live/pool", ReportedBlocks::of),
                  page(look.picker(), "/metrics", ReportedDisagreement::of))));
      out.print(Terminal.safe(Doctor.report(remarks)));
      return look.isStrict() && !remarks.isEmpty() ? REFUSED : 0;
    } catch (InvalidDocumentException | StartException | IOException e) {
      errors.println(Terminal.safe(String.valueOf(e.getMessage())));
      return REFUSED;
    }
  }

  private static <T> List<T> page(@Nullable AdminClient picker, String path, Reader<T> reader)
      throws IOException {
    if (picker == null) {
      return List.of();
    }
    AdminClient.Page page = picker.get(path);
    if (!page.isFound()) {
      throw new IOException(
          "%s answers %s with %d: %s"
              .formatted(picker.address(), path, page.status(), page.text().strip()));
    }
    return reader.read(page.text());
  }
}
