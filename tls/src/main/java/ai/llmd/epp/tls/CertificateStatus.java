package ai.llmd.epp.tls;

import java.nio.file.Path;
import java.util.function.LongSupplier;

/**
 * The certificate that a server shows at the moment.
 *
 * @param file that it was read from
 * @param endsAtSeconds when it ends, in seconds since 1970; any thread
 * @param refusals new ones that could not be used, only grows; any thread
 */
public record CertificateStatus(Path file, LongSupplier endsAtSeconds, LongSupplier refusals) {

  /**
   * One of a folder, whether or not it is followed.
   *
   * @param keys what shows it
   */
  public static CertificateStatus of(Path directory, ServerKeys keys, LongSupplier refusals) {
    return new CertificateStatus(
        ServerIdentity.certificates(directory),
        () -> keys.identity().chain().getFirst().getNotAfter().toInstant().getEpochSecond(),
        refusals);
  }
}
