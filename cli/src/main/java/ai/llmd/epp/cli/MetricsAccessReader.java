package ai.llmd.epp.cli;

import ai.llmd.epp.commandline.Flag;
import ai.llmd.epp.commandline.GivenFlags;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads who may read metrics; the combinations that are refused are the reference's. */
final class MetricsAccessReader {

  private MetricsAccessReader() {}

  /**
   * @param errors receives what cannot be used
   */
  static Options.MetricsAccess read(GivenFlags given, List<String> errors) {
    boolean asksKubernetes = given.get(Flags.METRICS_AUTH);
    Path certificates = path(given.get(Flags.METRICS_CERT_DIR));
    Path clientAuthority = path(given.get(Flags.METRICS_CLIENT_CA));
    if (certificates == null && clientAuthority != null) {
      errors.add(Flags.METRICS_CLIENT_CA + ": requires " + Flags.METRICS_CERT_DIR);
    }
    if (certificates != null && clientAuthority == null && !asksKubernetes) {
      errors.add(
          "%s: requires %s or %s"
              .formatted(Flags.METRICS_CERT_DIR, Flags.METRICS_CLIENT_CA, Flags.METRICS_AUTH));
    }
    if (certificates != null) {
      mustExist(Flags.METRICS_CERT_DIR, certificates.resolve("tls.crt"), errors);
      mustExist(Flags.METRICS_CERT_DIR, certificates.resolve("tls.key"), errors);
    }
    if (clientAuthority != null) {
      mustExist(Flags.METRICS_CLIENT_CA, clientAuthority, errors);
    }
    return new Options.MetricsAccess(asksKubernetes, certificates, clientAuthority);
  }

  private static @Nullable Path path(String text) {
    return text.isEmpty() ? null : Path.of(text);
  }

  private static void mustExist(Flag<?> flag, Path file, List<String> errors) {
    if (!Files.isReadable(file)) {
      errors.add(flag + ": cannot read " + file);
    }
  }
}
