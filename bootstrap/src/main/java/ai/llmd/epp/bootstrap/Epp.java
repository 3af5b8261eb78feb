package ai.llmd.epp.bootstrap;

import ai.llmd.epp.bootstrap.logging.LogLevels;
import ai.llmd.epp.cli.CommandLineResult;
import ai.llmd.epp.cli.EppCommandLine;
import ai.llmd.epp.cli.Options;
import ai.llmd.epp.cli.command.ExplainCommand;
import ai.llmd.epp.commandline.StopSignals;
import ai.llmd.epp.tls.TrustedAuthorities;
import ai.llmd.epp.yaml.InvalidDocumentException;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The endpoint picker as a program.
 *
 * <p>{@code convert}, {@code explain} or {@code doctor} as the first argument is a program of its
 * own: {@link ConvertCommand}, {@link ExplainCommand}, {@link DoctorCommand}.
 *
 * <p>Exit codes: 0 after a stop that was asked for, {@code --help} or a valid {@code --validate} or
 * {@code --explain-config}; 1 when the configuration, the endpoints or a port cannot be used, or
 * another replica has taken the leader's lease; 2 for a command line that does not parse.
 */
public final class Epp {

  private static final int REFUSED = 1;
  private static final int ERRORS_ONLY = -1; // of what is logged

  private static final Logger log = LoggerFactory.getLogger(Epp.class);

  private Epp() {}

  public static void main(String[] arguments) throws InterruptedException {
    System.exit(run(arguments));
  }

  private static int run(String[] arguments) throws InterruptedException {
    return switch (arguments.length == 0 ? "" : arguments[0]) {
      case ConvertCommand.NAME -> ConvertCommand.run(rest(arguments), System.out, System.err);
      case ExplainCommand.NAME, DoctorCommand.NAME -> run(arguments[0], rest(arguments));
      default -> serve(arguments);
    };
  }

  private static List<String> rest(String[] arguments) {
    return List.of(arguments).subList(1, arguments.length);
  }

  /** Commands that ask a running picker. */
  private static int run(String command, List<String> arguments) {
    LogLevels.apply(ERRORS_ONLY);
    LogLevels.adoptLibraries();
    TrustedAuthorities.install(System.getenv());
    return command.equals(ExplainCommand.NAME)
        ? ExplainCommand.run(arguments, System.out, System.err)
        : DoctorCommand.run(System.getenv(), arguments, System.out, System.err);
  }

  private static int serve(String[] arguments) throws InterruptedException {
    return switch (EppCommandLine.parse(System.getenv(), arguments)) {
      case CommandLineResult.Exit(int code, String text) -> {
        PrintStream out = code == 0 ? System.out : System.err;
        out.println(text);
        yield code;
      }
      case CommandLineResult.Run(Options options, List<String> warnings) -> run(options, warnings);
    };
  }

  private static int run(Options options, List<String> warnings) throws InterruptedException {
    NetworkMemory.limit();
    LogLevels.apply(options.verbosity());
    LogLevels.adoptLibraries();
    warnings.forEach(warning -> log.atWarn().log(warning));
    try {
      TrustedAuthorities.install(System.getenv());
      if (options.validateOnly()) {
        DryRun.validate(options);
        System.out.println("the configuration is valid");
        return 0;
      }
      if (options.explainOnly()) {
        System.out.print(DryRun.explain(options));
        return 0;
      }
      return serve(options);
    } catch (InvalidDocumentException | StartException | IOException e) {
      LogLevels.flush(); // what was logged on the way belongs before the reason
      System.err.println(e.getMessage());
      return REFUSED;
    }
  }

  /** Returns the status to end with. */
  private static int serve(Options options)
      throws InvalidDocumentException, StartException, IOException, InterruptedException {
    StopSignals signals = StopSignals.catchThem();
    boolean hasLostLease;
    try (EndpointPicker picker = EndpointPicker.start(options)) {
      var _ = picker.lostLease().thenRun(signals::stop);
      signals.await();
      hasLostLease = picker.lostLease().isDone();
      log.atInfo().log("stopping");
      picker.drain(); // where another leads already, too: it takes what is new
    }
    log.atInfo().log("stopped");
    LogLevels.flush();
    return hasLostLease ? REFUSED : 0;
  }
}
