package ai.llmd.epp.cli.command;

import ai.llmd.epp.commandline.Flag;
import ai.llmd.epp.commandline.GivenFlags;
import java.util.List;

/** How a command reaches the admin port of a running picker. */
public final class AdminFlags {

  public static final Flag<String> ADMIN =
      Flag.text(
          "--admin", "http://localhost:9090", "Admin port of a running picker, http or https.");
  static final Flag<String> TOKEN_FILE =
      Flag.text("--token-file", "", "File with the bearer token of a reader, where one is needed.");
  static final Flag<Boolean> SKIP_VERIFY =
      Flag.bool(
          "--insecure-skip-verify", false, "Take any certificate; else SSL_CERT_FILE is trusted.");

  /** All of them. */
  public static final List<Flag<?>> ALL = List.of(ADMIN, TOKEN_FILE, SKIP_VERIFY);

  private AdminFlags() {}

  /** The client that the flags describe. */
  public static AdminClient client(GivenFlags given) {
    return new AdminClient(given.get(ADMIN), given.get(TOKEN_FILE), given.get(SKIP_VERIFY));
  }
}
