package ai.llmd.epp.domain.scheduling.session;

import static ai.llmd.epp.domain.scheduling.session.SessionParameters.Strategy.ENCODED_ENDPOINT_HEADER;
import static ai.llmd.epp.domain.scheduling.session.SessionParameters.Strategy.SESSION_ID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.domain.scheduling.session.SessionParameters.EncodedEndpointHeaderConfig;
import ai.llmd.epp.domain.scheduling.session.SessionParameters.SessionIdConfig;
import ai.llmd.epp.domain.scheduling.session.SessionParameters.Source;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionParametersTest {

  private static final Source HEADER = new Source("id", "", "");

  @Test
  void takesDefaultsForZeroAndNothing() {
    var config = new SessionIdConfig(List.of(), 0, 0);
    assertThat(config).isEqualTo(SessionParameters.DEFAULT.sessionIdConfig());
    assertThat(new EncodedEndpointHeaderConfig(" ").header()).isEqualTo("x-session-token");
  }

  @Test
  void refusesNegativeTimes() {
    assertThatThrownBy(() -> byId(new SessionIdConfig(List.of(HEADER), -1, 0)))
        .hasMessage("sessionIdConfig.evictionTtlSeconds must be 0 or more, was -1.0");
    assertThatThrownBy(() -> byId(new SessionIdConfig(List.of(HEADER), 0, -0.5)))
        .hasMessage("sessionIdConfig.evictionSweepSeconds must be 0 or more, was -0.5");
  }

  @Test
  void refusesSourcesThatAreNeitherOrBoth() {
    assertThatThrownBy(() -> byId(sources(new Source("", "", "p"))))
        .hasMessageContaining("either a header or an attribute");
    assertThatThrownBy(() -> byId(sources(HEADER, new Source("a", "b", ""))))
        .hasMessageContaining("either a header or an attribute");
    assertThat(byId(sources(new Source(" X-Id ", "", ""))).sessionIdConfig().sources())
        .containsExactly(new Source("x-id", "", ""));
  }

  @Test
  void doesNotCheckWhatItsStrategyDoesNotRead() {
    var wrong = new SessionIdConfig(List.of(new Source("", "", "")), -1, -1);
    assertThat(Sessions.with(ENCODED_ENDPOINT_HEADER, wrong, "").sessionIdConfig()).isSameAs(wrong);
  }

  /** A record made of records that use its helpers once failed when one of those came first. */
  @ParameterizedTest
  @ValueSource(
      classes = {
        SessionParameters.class,
        SessionIdConfig.class,
        Source.class,
        EncodedEndpointHeaderConfig.class
      })
  void anyOfItsPartsMayBeUsedFirst(Class<?> first) throws IOException {
    URL classes = first.getProtectionDomain().getCodeSource().getLocation();
    try (var fresh =
        new URLClassLoader(new URL[] {classes}, ClassLoader.getPlatformClassLoader())) {
      assertThatCode(() -> Class.forName(first.getName(), true, fresh)).doesNotThrowAnyException();
    }
  }

  private static SessionIdConfig sources(Source... sources) {
    return new SessionIdConfig(List.of(sources), 1, 1);
  }

  private static SessionParameters byId(SessionIdConfig config) {
    return Sessions.with(SESSION_ID, config, "");
  }
}
