package ai.llmd.epp.adapter.tokenizers;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Whom a renderer is believed to be, and who we are to it.
 *
 * @param caCertPath PEM file of the authorities; empty for those that are trusted anyway
 * @param clientCertPath PEM file of our certificates; empty for none
 * @param clientKeyPath PEM file of our private key, PKCS#8
 * @param isUnverified whether any certificate is accepted
 */
public record RenderTls(
    String caCertPath, String clientCertPath, String clientKeyPath, boolean isUnverified) {

  /** Trusts what is trusted anyway, and shows no certificate. */
  public static final RenderTls DEFAULT = new RenderTls("", "", "", false);

  private static final String[] KEY_ALGORITHMS = {"RSA", "EC", "EdDSA"};
  private static final char[] NO_PASSWORD = {};

  public RenderTls {
    if (clientCertPath.isEmpty() != clientKeyPath.isEmpty()) {
      throw new IllegalArgumentException("clientCertPath and clientKeyPath come together");
    }
  }

  /**
   * Reads the files.
   *
   * @throws IllegalArgumentException if one cannot be read or used
   */
  SSLContext context() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys(), trust(), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalArgumentException("cannot use the renderer's TLS files: " + e, e);
    }
  }

  private KeyManager @Nullable [] keys() throws IOException, GeneralSecurityException {
    if (clientCertPath.isEmpty()) {
      return null;
    }
    KeyStore store = empty();
    store.setKeyEntry(
        "client",
        privateKey(Path.of(clientKeyPath)),
        NO_PASSWORD,
        certificates(Path.of(clientCertPath)).toArray(Certificate[]::new));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, NO_PASSWORD);
    return factory.getKeyManagers();
  }

  private TrustManager @Nullable [] trust() throws IOException, GeneralSecurityException {
    if (isUnverified) {
      return new TrustManager[] {new AnyCertificate()};
    }
    if (caCertPath.isEmpty()) {
      return null;
    }
    KeyStore store = empty();
    int count = 0;
    for (Certificate authority : certificates(Path.of(caCertPath))) {
      store.setCertificateEntry("authority" + count++, authority);
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  private static KeyStore empty() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static Collection<? extends Certificate> certificates(Path file)
      throws IOException, GeneralSecurityException {
    Collection<? extends Certificate> found =
        CertificateFactory.getInstance("X.509")
            .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)));
    if (found.isEmpty()) {
      throw new GeneralSecurityException("no certificate in " + file);
    }
    return found;
  }

  private static PrivateKey privateKey(Path file) throws IOException, GeneralSecurityException {
    String pem = Files.readString(file, StandardCharsets.US_ASCII);
    int start = pem.indexOf("-----BEGIN PRIVATE KEY-----");
    int end = pem.indexOf("-----END PRIVATE KEY-----");
    if (start < 0 || end < start) {
      throw new GeneralSecurityException("no PKCS#8 private key in " + file);
    }
    String base64 = pem.substring(pem.indexOf('\n', start) + 1, end);
    var spec = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(base64));
    for (String algorithm : KEY_ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
      } catch (InvalidKeySpecException e) {
        // a key of another algorithm
      }
    }
    throw new GeneralSecurityException("a private key of an unknown algorithm in " + file);
  }

  /** Accepts any certificate under any name. */
  private static final class AnyCertificate extends X509ExtendedTrustManager {

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
