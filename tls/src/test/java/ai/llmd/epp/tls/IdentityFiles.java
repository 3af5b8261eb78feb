package ai.llmd.epp.tls;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;

/** Writes identities as an operator has them: PEM files in a folder. */
final class IdentityFiles {

  static final int SHORT_KEY = 2048; // the reference's 4096 bits take seconds

  private IdentityFiles() {}

  static ServerIdentity identity() throws IOException {
    return SelfSignedCertificate.create(SHORT_KEY, Instant.now());
  }

  static void write(Path directory, ServerIdentity identity) throws IOException {
    Files.writeString(directory.resolve("tls.key"), pkcs8(identity));
    StringWriter certificate = new StringWriter();
    try (JcaPEMWriter pem = new JcaPEMWriter(certificate)) {
      pem.writeObject(identity.chain().getFirst());
    }
    Files.writeString(directory.resolve("tls.crt"), certificate.toString());
  }

  static String pkcs8(ServerIdentity identity) {
    return "-----BEGIN PRIVATE KEY-----\n"
        + Base64.getMimeEncoder().encodeToString(identity.key().getEncoded())
        + "\n-----END PRIVATE KEY-----\n";
  }
}
