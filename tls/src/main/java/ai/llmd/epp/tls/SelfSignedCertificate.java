package ai.llmd.epp.tls;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Makes the certificate of a server that was given none, with the reference's fields. It encrypts
 * and proves nothing: gateways accept it because they do not verify.
 */
public final class SelfSignedCertificate {

  /** Key length of the reference, in bits. */
  public static final int KEY_BITS = 4096;

  private static final String ORGANIZATION = "Inference Ext";
  private static final Duration VALIDITY = Duration.ofDays(10 * 365);
  private static final int SERIAL_BITS = 128;

  private SelfSignedCertificate() {}

  /** Of the picker. Takes up to seconds for a long key. */
  public static ServerIdentity create(int keyBits, Instant now) throws IOException {
    return create(ORGANIZATION, keyBits, now);
  }

  /**
   * Of a program that has a name of its own. Takes up to seconds for a long key.
   *
   * @param organization without characters that mean something in a distinguished name
   */
  public static ServerIdentity create(String organization, int keyBits, Instant now)
      throws IOException {
    try {
      SecureRandom random = new SecureRandom();
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(keyBits, random);
      KeyPair pair = generator.generateKeyPair();
      BigInteger serial = new BigInteger(SERIAL_BITS, random);
      return new ServerIdentity(
          pair.getPrivate(),
          List.of(certificate(new X500Name("O=" + organization), pair, serial, now)));
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IOException("cannot make a self-signed certificate", e);
    }
  }

  private static X509Certificate certificate(
      X500Name name, KeyPair pair, BigInteger serial, Instant now)
      throws IOException, GeneralSecurityException, OperatorCreationException {
    X509v3CertificateBuilder certificate =
        new JcaX509v3CertificateBuilder(
            name, serial, Date.from(now), Date.from(now.plus(VALIDITY)), name, pair.getPublic());
    certificate.addExtension(
        Extension.keyUsage,
        true,
        new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment));
    certificate.addExtension(
        Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
    certificate.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
    return new JcaX509CertificateConverter()
        .getCertificate(
            certificate.build(
                new JcaContentSignerBuilder("SHA256withRSA").build(pair.getPrivate())));
  }
}
