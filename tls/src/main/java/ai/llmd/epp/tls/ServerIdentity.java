package ai.llmd.epp.tls;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/** A private key and the certificates that go with it, the server's own first. */
public record ServerIdentity(PrivateKey key, List<X509Certificate> chain) {

  public ServerIdentity {
    chain = List.copyOf(chain);
  }

  /**
   * Reads {@code tls.crt} and {@code tls.key}; keys may be PKCS#8, PKCS#1 or SEC1.
   *
   * @throws IOException when a file cannot be read, or the two do not belong together
   */
  public static ServerIdentity read(Path directory) throws IOException {
    Path certificates = certificates(directory);
    Path key = key(directory);
    try {
      ServerIdentity read = new ServerIdentity(readKey(key), readChain(certificates));
      if (!read.isConsistent()) {
        throw new IOException(key + " is not the key of " + certificates);
      }
      return read;
    } catch (NoSuchFileException e) {
      throw new IOException("TLS needs " + e.getFile() + ", which does not exist", e);
    } catch (GeneralSecurityException e) {
      throw new IOException("cannot use the certificate in " + directory, e);
    }
  }

  static Path certificates(Path directory) {
    return directory.resolve("tls.crt");
  }

  static Path key(Path directory) {
    return directory.resolve("tls.key");
  }

  private static List<X509Certificate> readChain(Path file)
      throws IOException, GeneralSecurityException {
    List<X509Certificate> chain = new ArrayList<>();
    try (InputStream in = Files.newInputStream(file)) {
      CertificateFactory.getInstance("X.509")
          .generateCertificates(in)
          .forEach(certificate -> chain.add((X509Certificate) certificate));
    }
    if (chain.isEmpty()) {
      throw new IOException(file + " has no certificate");
    }
    return chain;
  }

  private static PrivateKey readKey(Path file) throws IOException {
    try (Reader in = Files.newBufferedReader(file);
        PEMParser pem = new PEMParser(in)) {
      JcaPEMKeyConverter keys = new JcaPEMKeyConverter();
      for (Object part = pem.readObject(); part != null; part = pem.readObject()) {
        if (part instanceof PrivateKeyInfo info) {
          return keys.getPrivateKey(info);
        }
        if (part instanceof PEMKeyPair pair) {
          return keys.getPrivateKey(pair.getPrivateKeyInfo());
        }
      }
    } catch (PEMException e) {
      throw new IOException(file + " has no private key that can be read", e);
    }
    throw new IOException(file + " has no private key");
  }

  /** Whether what the key signs is what the certificate verifies. */
  private boolean isConsistent() throws GeneralSecurityException {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> key.getAlgorithm(); // EdDSA signs under its own name
        };
    byte[] message = {1, 2, 3};
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(key);
    signature.update(message);
    byte[] signed = signature.sign();
    signature.initVerify(chain.getFirst().getPublicKey());
    signature.update(message);
    try {
      return signature.verify(signed);
    } catch (SignatureException e) {
      return false;
    }
  }

  /** The subject, and nothing of the key. */
  @Override
  public String toString() {
    return "ServerIdentity[" + chain.getFirst().getSubjectX500Principal() + "]";
  }
}
