package ai.llmd.epp.adapter.extproc;

import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLContext;

/** Translates the names of cipher suites and refuses those that this JDK does not have. */
final class CipherSuites {

  private static final String CHACHA = "_CHACHA20_POLY1305"; // Go knows it without the hash, too

  private CipherSuites() {}

  /**
   * The suites to offer: those named, and TLS 1.3's own.
   *
   * @throws IllegalArgumentException naming every suite that is not known
   */
  static List<String> named(List<String> names) {
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
