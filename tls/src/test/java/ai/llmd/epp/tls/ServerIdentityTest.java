package ai.llmd.epp.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerIdentityTest {

  @TempDir Path directory;

  @Test
  void refusesToStartWithAKeyOfAnotherCertificate() throws Exception {
    IdentityFiles.write(directory, IdentityFiles.identity());
    Files.writeString(directory.resolve("tls.key"), IdentityFiles.pkcs8(IdentityFiles.identity()));
    assertThatThrownBy(() -> ServerIdentity.read(directory))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is not the key of");
  }

  @Test
  void readsKeysInTheFormOfOpenSsl() throws Exception {
    ServerIdentity written = IdentityFiles.identity();
    IdentityFiles.write(directory, written);
    StringWriter pkcs1 = new StringWriter();
    try (JcaPEMWriter pem = new JcaPEMWriter(pkcs1)) {
      pem.writeObject(written.key());
    }
    assertThat(pkcs1.toString()).startsWith("-----BEGIN RSA PRIVATE KEY-----");
    Files.writeString(directory.resolve("tls.key"), pkcs1.toString());
    assertThat(ServerIdentity.read(directory).key()).isEqualTo(written.key());
  }

  @Test
  void reportsWhichFileIsMissing() {
    assertThatThrownBy(() -> ServerIdentity.read(directory))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("tls.key");
  }
}
