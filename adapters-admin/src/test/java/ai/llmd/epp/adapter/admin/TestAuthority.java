package ai.llmd.epp.adapter.admin;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Signs certificates for localhost and for clients, and writes them where the program reads them.
 */
public final class TestAuthority {

  private static final AtomicLong SERIAL = new AtomicLong(1);
  private static final char[] NO_PASSWORD = {};

  private final KeyPair keys = keyPair();
  private final X509Certificate certificate = signed("CN=authority", keys, true);

  /** A key and the certificate that goes with it. */
  public record Identity(KeyPair keys, X509Certificate certificate) {}

  public Identity issue(String name) {
    KeyPair own = keyPair();
    return new Identity(own, signed("CN=" + name, own, false));
  }

  private static KeyPair keyPair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(256);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private X509Certificate signed(String name, KeyPair subject, boolean isAuthority) {
    Instant now = Instant.now();
    try {
      var builder =
          new JcaX509v3CertificateBuilder(
              new X500Name("CN=authority"),
              BigInteger.valueOf(SERIAL.getAndIncrement()),
              Date.from(now.minus(Duration.ofHours(1))),
              Date.from(now.plus(Duration.ofHours(1))),
              new X500Name(name),
              subject.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isAuthority));
      builder.addExtension(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(new GeneralName(GeneralName.iPAddress, "127.0.0.1")));
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
    } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Puts {@code tls.crt} and {@code tls.key} into a folder, each in one step. */
  public static void write(Identity identity, Path folder) throws IOException {
    write(new JcaPKCS8Generator(identity.keys().getPrivate(), null), folder.resolve("tls.key"));
    write(identity.certificate(), folder.resolve("tls.crt"));
  }

  /** Writes the authority's own certificate. */
  public Path write(Path file) throws IOException {
    write(certificate, file);
    return file;
  }

  private static void write(Object part, Path file) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
      pem.writeObject(part);
    }
    Path written =
        Files.writeString(file.resolveSibling("." + file.getFileName()), text.toString());
    Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** A client's context that trusts this authority. */
  public SSLContext client(@Nullable Identity own) {
    try {
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, NO_PASSWORD);
      trusted.setCertificateEntry("authority", certificate);
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      KeyStore shown = KeyStore.getInstance("PKCS12");
      shown.load(null, NO_PASSWORD);
      if (own != null) {
        shown.setKeyEntry(
            "own", own.keys().getPrivate(), NO_PASSWORD, new X509Certificate[] {own.certificate()});
      }
      var key = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      key.init(shown, NO_PASSWORD);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(key.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new AssertionError(e);
    }
  }
}
