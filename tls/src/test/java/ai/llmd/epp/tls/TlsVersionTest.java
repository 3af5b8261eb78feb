package ai.llmd.epp.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TlsVersionTest {

  @Test
  void refusesUnknownNamesAndListsTheKnownOnes() {
    assertThatThrownBy(() -> TlsVersion.named("TLS1.2"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "unknown TLS version \"TLS1.2\"; known: VersionTLS10, VersionTLS11, VersionTLS12,"
                + " VersionTLS13");
    assertThat(TlsVersion.named("VersionTLS13")).isEqualTo(TlsVersion.TLS_1_3);
  }
}
