package ai.llmd.epp.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class CipherSuitesTest {

  @Test
  void refusesUnknownNamesAndListsTheKnownOnes() {
    assertThatThrownBy(
            () -> CipherSuites.named(List.of("TLS_AES_128_GCM_SHA256", "TLS_X_WITH_Y", "Z")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("suites: TLS_X_WITH_Y, Z; available: ")
        .hasMessageContaining("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
  }

  @Test
  void understandsTheShortNamesOfGo() {
    assertThat(CipherSuites.named(List.of("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305")))
        .contains("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256");
  }
}
