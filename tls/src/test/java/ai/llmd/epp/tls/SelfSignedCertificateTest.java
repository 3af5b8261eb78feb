package ai.llmd.epp.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SelfSignedCertificateTest {

  @Test
  void makesACertificateLikeTheReferences() throws Exception {
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    ServerIdentity made = SelfSignedCertificate.create(IdentityFiles.SHORT_KEY, now);
    X509Certificate certificate = made.chain().getFirst();

    assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("O=Inference Ext");
    assertThat(certificate.getIssuerX500Principal())
        .isEqualTo(certificate.getSubjectX500Principal());
    assertThat(certificate.getSigAlgName()).isEqualTo("SHA256withRSA");
    assertThat(certificate.getNotBefore()).isEqualTo(now);
    assertThat(certificate.getNotAfter()).isEqualTo(now.plus(Duration.ofDays(3650)));
    assertThat(certificate.getSerialNumber()).isBetween(BigInteger.ONE, BigInteger.TWO.pow(128));
    assertThat(certificate.getKeyUsage())
        .startsWith(true, false, true, false); // digitalSignature, keyEncipherment
    assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
    assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
    assertThat(certificate.getSubjectAlternativeNames()).isNull();
    assertThat(certificate.getCriticalExtensionOIDs())
        .containsExactlyInAnyOrder("2.5.29.15", "2.5.29.19");
  }
}
