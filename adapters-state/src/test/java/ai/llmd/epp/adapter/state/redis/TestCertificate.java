package ai.llmd.epp.adapter.state.redis;

import java.io.IOException;
import java.io.Writer;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate of the loopback that is self-signed, or that such a one signed.
 *
 * @param certificate PEM file; without a signer, its own authority
 * @param key PEM file
 * @param secret what is in it
 */
record TestCertificate(Path certificate, Path key, PrivateKey secret) {

  private static final X500Name AUTHORITY = new X500Name("CN=redis");

  static TestCertificate in(Path folder)
      throws GeneralSecurityException, IOException, OperatorCreationException {
    KeyPair keys = keys();
    return signed(folder.resolve("redis"), AUTHORITY, keys, keys.getPrivate());
  }

  /** One that this is the authority of. */
  TestCertificate issue(Path folder, String name)
      throws GeneralSecurityException, IOException, OperatorCreationException {
    return signed(folder.resolve(name), new X500Name("CN=" + name), keys(), secret);
  }

  private static KeyPair keys() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    return generator.generateKeyPair();
  }

  private static TestCertificate signed(Path file, X500Name name, KeyPair keys, PrivateKey signer)
      throws IOException, OperatorCreationException {
    Instant now = Instant.now();
    var builder =
        new JcaX509v3CertificateBuilder(
            AUTHORITY,
            new BigInteger(64, new SecureRandom()),
            Date.from(now.minus(Duration.ofHours(1))),
            Date.from(now.plus(Duration.ofHours(1))),
            name,
            keys.getPublic());
    builder.addExtension(
        Extension.subjectAlternativeName,
        false,
        new GeneralNames(new GeneralName(GeneralName.iPAddress, "127.0.0.1")));
    builder.addExtension(
        Extension.basicConstraints, true, new BasicConstraints(name.equals(AUTHORITY)));
    var signature = new JcaContentSignerBuilder("SHA256withRSA").build(signer);
    return new TestCertificate(
        pem(file.resolveSibling(file.getFileName() + ".crt"), builder.build(signature)),
        pem(
            file.resolveSibling(file.getFileName() + ".key"),
            new JcaPKCS8Generator(keys.getPrivate(), null)),
        keys.getPrivate());
  }

  private static Path pem(Path file, Object content) throws IOException {
    try (Writer writer = Files.newBufferedWriter(file);
        var pem = new JcaPEMWriter(writer)) {
      pem.writeObject(content);
    }
    return file;
  }
}
