package ai.llmd.epp.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Security;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which authorities this process trusts where nothing else is configured, by the variables that Go
 * and OpenSSL read: {@code SSL_CERT_DIR} names folders, separated by colons, whose certificates are
 * trusted besides the JDK's; {@code SSL_CERT_FILE} names a bundle that is trusted instead of the
 * JDK's. Read once, by the first client that needs them: a distribution's bundle takes a third of a
 * second at the start of a program. What cannot be read is logged and left out, which trusts less.
 */
public final class TrustedAuthorities {

  /** Name of the security provider; absent as long as the JDK alone decides. */
  public static final String PROVIDER = "EppTrust";

  private static final Logger log = LoggerFactory.getLogger(TrustedAuthorities.class);

  private static final long MAX_FILE_BYTES = 4L << 20; // the bundle of a distribution has 0.3 MB
  private static final Pattern PEM =
      Pattern.compile("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", Pattern.DOTALL);

  private final Set<Certificate> certificates = new LinkedHashSet<>();

  private TrustedAuthorities() {}

  /**
   * Makes the variables hold for every client of this process that names no authorities of its own.
   * Call it before the first of them; does nothing when neither variable is set.
   *
   * @param environment variables by name
   */
  public static void install(Map<String, String> environment) {
    String file = environment.getOrDefault("SSL_CERT_FILE", "");
    String folders = environment.getOrDefault("SSL_CERT_DIR", "");
    if (file.isEmpty() && folders.isEmpty()) {
      return;
    }
    var defaults = new TrustProvider.Defaults(() -> read(file, folders));
    Security.insertProviderAt(new TrustProvider(defaults), 1);
  }

  private static KeyStore read(String file, String folders)
      throws GeneralSecurityException, IOException {
    TrustedAuthorities authorities = new TrustedAuthorities();
    if (!file.isEmpty()) {
      authorities.addFile(Path.of(file));
    }
    Stream.of(folders.split(":", -1))
        .filter(folder -> !folder.isBlank())
        .forEach(folder -> authorities.addFolder(Path.of(folder)));
    KeyStore store = authorities.store(file.isEmpty() ? jdkStore() : List.of());
    log.atInfo()
        .addKeyValue("certificates", authorities.certificates.size())
        .log("certificates of SSL_CERT_DIR or SSL_CERT_FILE trusted");
    return store;
  }

  private static List<Certificate> jdkStore() throws GeneralSecurityException {
    return List.of(TrustProvider.jdkAuthorities());
  }

  private KeyStore store(List<Certificate> others) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    Set<Certificate> all = new LinkedHashSet<>(others);
    all.addAll(certificates);
    for (Certificate certificate : all) {
      store.setCertificateEntry("authority-" + store.size(), certificate);
    }
    return store;
  }

  private void addFolder(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      files.filter(Files::isRegularFile).sorted().forEach(this::addFile);
    } catch (IOException e) {
      leaveOut(folder, e);
    }
  }

  private void addFile(Path file) {
    try {
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw new IOException("larger than " + MAX_FILE_BYTES + " bytes");
      }
      // certificates between other text; a folder also has keys and files of other kinds
      Matcher blocks = PEM.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
      while (blocks.find()) {
        addCertificate(file, blocks.group().getBytes(StandardCharsets.ISO_8859_1));
      }
    } catch (IOException e) {
      leaveOut(file, e);
    }
  }

  private void addCertificate(Path file, byte[] pem) {
    try {
      certificates.add(
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(pem)));
    } catch (CertificateException e) {
      leaveOut(file, e);
    }
  }

  private static void leaveOut(Path path, Exception cause) {
    log.atWarn()
        .addKeyValue("path", path)
        .addKeyValue("error", cause.toString())
        .log("certificates of SSL_CERT_DIR or SSL_CERT_FILE left out");
  }
}
