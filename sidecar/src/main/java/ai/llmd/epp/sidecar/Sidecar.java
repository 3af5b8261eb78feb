package ai.llmd.epp.sidecar;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.llmd.epp.commandline.FlagParser;
import ai.llmd.epp.commandline.GivenFlags;
import ai.llmd.epp.commandline.ParsedFlags;
import ai.llmd.epp.commandline.StopSignals;
import ai.llmd.epp.sidecar.cli.LogFlags;
import ai.llmd.epp.sidecar.cli.SettingsReader;
import ai.llmd.epp.sidecar.cli.SidecarFlags;
import ai.llmd.epp.sidecar.cli.SidecarSettings;
import ai.llmd.epp.sidecar.server.SidecarServer;
import ai.llmd.epp.tls.TrustedAuthorities;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The program. */
public final class Sidecar {

  private static final int CANNOT_START = 1;
  private static final int WRONG_USAGE = 2;
  private static final Duration DRAIN_AT_MOST = Duration.ofSeconds(60);

  private Sidecar() {}

  /** Runs a sidecar until the process is terminated. */
  public static void main(String[] arguments) throws InterruptedException {
    NetworkMemory.limit();
    StopSignals signals = StopSignals.catchThem();
    Thread.ofPlatform().name("leave").daemon().start(() -> leaveWhen(signals));
    int exitCode =
        run(
            arguments,
            System.getenv(),
            new PrintWriter(System.out, true, UTF_8),
            new PrintWriter(System.err, true, UTF_8));
    if (exitCode >= 0) {
      System.exit(exitCode);
    }
    Thread.currentThread().join(); // until the other thread ends the process
  }

  /** Ends the process once it was asked to, while it starts, too: that waits for others. */
  private static void leaveWhen(StopSignals signals) {
    try {
      signals.await();
      System.exit(0); // the hook drains; by themselves signals would leave another status
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Starts, or prints why not; returns the exit code, or -1 when it runs. */
  static int run(
      String[] arguments, Map<String, String> environment, PrintWriter out, PrintWriter err) {
    ParsedFlags parsed =
        new FlagParser(
                "pd-sidecar",
                "Has prompts computed by the prefill server that the picker chose, and answers made"
                    + " by the model server in this pod.",
                SidecarFlags.ALL)
            .parse(arguments);
    return switch (parsed) {
      case ParsedFlags.Leave leave -> {
        (leave.code() == 0 ? out : err).println(leave.text());
        yield leave.code();
      }
      case ParsedFlags.Given given -> start(given.flags(), environment, err);
    };
  }

  private static int start(GivenFlags flags, Map<String, String> environment, PrintWriter err) {
    LogFlags.apply(flags);
    try {
      SidecarSettings settings = SettingsReader.read(flags, environment);
      TrustedAuthorities.install(environment);
      if (settings.traceEnvironment() != null) {
        LogFlags.takeLibraries();
      }
      SidecarServer server = SidecarServer.start(settings);
      if (!isStoppedAtExit(server)) {
        return -1;
      }
      log()
          .atInfo()
          .addKeyValue("ports", server.ports())
          .addKeyValue("connector", settings.connectors().kv().flag())
          .log("sidecar ready");
      return -1;
    } catch (IllegalArgumentException wrong) {
      err.println(wrong.getMessage());
      return WRONG_USAGE;
    } catch (IOException failed) {
      err.println("pd-sidecar: " + failed.getMessage());
      return CANNOT_START;
    }
  }

  /** False when the process is ending already. */
  private static boolean isStoppedAtExit(SidecarServer server) {
    try {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server), "stop"));
      return true;
    } catch (IllegalStateException ending) {
      server.close();
      return false;
    }
  }

  private static void stop(SidecarServer server) {
    try {
      server.drain(DRAIN_AT_MOST);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    server.close();
  }

  /** Not before the flags have said how to log. */
  private static Logger log() {
    return LoggerFactory.getLogger(Sidecar.class);
  }
}
