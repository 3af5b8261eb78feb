package ai.llmd.epp.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class CertificateExpiryTest {

  private final CertificateExpiry expiry = new CertificateExpiry();

  @Test
  void warnsOnceADayFromTwoWeeksBeforeTheEnd() throws IOException {
    X509Certificate certificate = IdentityFiles.identity().chain().getFirst(); // of ten years
    Instant end = certificate.getNotAfter().toInstant();

    assertThat(expiry.warning(certificate, end.minus(Duration.ofDays(15)))).isEmpty();
    assertThat(expiry.warning(certificate, end.minus(Duration.ofDays(13))))
        .contains("the certificate ends at " + end + ", and no new one is there");
    assertThat(expiry.warning(certificate, end.minus(Duration.ofDays(13)).plusSeconds(3600)))
        .isEmpty();
    assertThat(expiry.warning(certificate, end.minus(Duration.ofDays(11)))).isPresent();
    assertThat(expiry.warning(certificate, end.plusSeconds(1)))
        .contains("the certificate ended at " + end);
  }

  @Test
  void warnsOfEachCertificate() throws IOException {
    X509Certificate one = IdentityFiles.identity().chain().getFirst();
    X509Certificate other = IdentityFiles.identity().chain().getFirst();
    Instant late = one.getNotAfter().toInstant().plusSeconds(60);

    assertThat(expiry.warning(one, late)).isPresent();
    assertThat(expiry.warning(other, late)).isPresent();
  }
}
