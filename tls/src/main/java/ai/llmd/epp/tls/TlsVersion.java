package ai.llmd.epp.tls;

import java.util.Arrays;
import java.util.List;

/**
 * Lowest TLS version that a server accepts, named as in {@code --tls-min-version}. HTTP/2 asks for
 * 1.2 at least (RFC 9113, 9.2), and the JDK serves nothing older unless its security properties
 * allow it: the first two names are understood, and 1.2 is what a client gets.
 */
public enum TlsVersion {
  TLS_1_0("VersionTLS10", "TLSv1"),
  TLS_1_1("VersionTLS11", "TLSv1.1"),
  TLS_1_2("VersionTLS12", "TLSv1.2"),
  TLS_1_3("VersionTLS13", "TLSv1.3");

  private final String flag;
  private final String protocol;

  TlsVersion(String flag, String protocol) {
    this.flag = flag;
    this.protocol = protocol;
  }

  /**
   * The version that a flag names.
   *
   * @throws IllegalArgumentException for a name that is none
   */
  public static TlsVersion named(String flag) {
    for (TlsVersion version : values()) {
      if (version.flag.equals(flag)) {
        return version;
      }
    }
    List<String> known = Arrays.stream(values()).map(version -> version.flag).toList();
    throw new IllegalArgumentException(
        "unknown TLS version \"%s\"; known: %s".formatted(flag, String.join(", ", known)));
  }

  /** This version and all later ones, as JSSE names them. */
  public String[] protocolsFromHere() {
    return Arrays.stream(values())
        .filter(version -> version.compareTo(this) >= 0)
        .map(version -> version.protocol)
        .toArray(String[]::new);
  }
}
