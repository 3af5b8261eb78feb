package ai.llmd.epp.tls;

import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLContext;

/** The names of cipher suites: those that a flag may give, and what this JDK has of them. */
public final class CipherSuites {

  private static final String CHACHA = "_CHACHA20_POLY1305"; // Go knows it without the hash, too

  /** Those up to TLS 1.2 that the reference knows, insecure ones included. */
  private static final Set<String> OF_THE_REFERENCE =
      Set.of(
          "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
          "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
          "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
          "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_RSA_WITH_RC4_128_SHA",
          "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
          "TLS_RSA_WITH_AES_128_CBC_SHA",
          "TLS_RSA_WITH_AES_256_CBC_SHA",
          "TLS_RSA_WITH_AES_128_CBC_SHA256",
          "TLS_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA",
          "TLS_ECDHE_RSA_WITH_RC4_128_SHA",
          "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
          "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256");

  private CipherSuites() {}

  /** Whether the reference takes this name for a flag, whatever this JDK has. */
  public static boolean isKnown(String name) {
    return OF_THE_REFERENCE.contains(name);
  }

  /**
   * The suites to offer: those named, and TLS 1.3's own.
   *
   * @throws IllegalArgumentException naming every suite that is not known
   */
  public static List<String> named(List<String> names) {
    List<String> supported = supported();
    Set<String> chosen = new LinkedHashSet<>();
    List<String> unknown = new ArrayList<>();
    for (String name : names) {
      String full = name.endsWith(CHACHA) ? name + "_SHA256" : name;
      if (supported.contains(full)) {
        chosen.add(full);
      } else {
        unknown.add(name);
      }
    }
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "unknown or unavailable TLS cipher suites: %s; available: %s"
              .formatted(String.join(", ", unknown), String.join(", ", supported)));
    }
    supported.stream().filter(CipherSuites::isTls13).forEach(chosen::add);
    return List.copyOf(chosen);
  }

  private static boolean isTls13(String suite) {
    return !suite.contains("_WITH_") && !suite.endsWith("_SCSV");
  }

  private static List<String> supported() {
    try {
      return List.of(SSLContext.getDefault().getSupportedSSLParameters().getCipherSuites());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no TLS", e);
    }
  }
}
