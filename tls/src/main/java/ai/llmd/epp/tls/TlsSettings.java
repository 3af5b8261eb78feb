package ai.llmd.epp.tls;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a server proves who it is.
 *
 * @param certificateDirectory holds {@code tls.crt} and {@code tls.key}, both PEM; null for a
 *     self-signed certificate made at the start
 * @param reloadsCertificate whether a change in that directory is taken over while serving
 * @param minVersion lowest version accepted
 * @param cipherSuites IANA names for TLS 1.2 and below; empty for the JDK's choice. TLS 1.3 always
 *     uses its own
 */
public record TlsSettings(
    @Nullable Path certificateDirectory,
    boolean reloadsCertificate,
    TlsVersion minVersion,
    List<String> cipherSuites) {

  /** Self-signed, TLS 1.2 and up. */
  public static final TlsSettings SELF_SIGNED =
      new TlsSettings(null, false, TlsVersion.TLS_1_2, List.of());

  public TlsSettings {
    cipherSuites = List.copyOf(cipherSuites);
  }
}
