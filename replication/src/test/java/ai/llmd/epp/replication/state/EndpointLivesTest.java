package ai.llmd.epp.replication.state;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.pool.EndpointId;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EndpointLivesTest {

  private static final EndpointId A = new EndpointId("ns", "a");

  private final EndpointLives lives = new EndpointLives();

  @Test
  void startsALifeWithEachRemovalThatIsObservedHereFirst() {
    assertThat(lives.of(A).generation()).isZero();
    assertThat(lives.ended(A, 0)).isEqualTo(new EndpointLife(A, 1));
    assertThat(lives.of(A).generation()).isEqualTo(1);
    assertThat(lives.ended(A, 0)).isEqualTo(new EndpointLife(A, 2));
  }

  @Test
  void countsARemovalOnceThatAPeerAnnounced() {
    assertThat(lives.mentioned(new EndpointLife(A, 1), 0)).isPositive();
    assertThat(lives.ended(A, TimeUnit.SECONDS.toNanos(5))).isNull();
    assertThat(lives.of(A).generation()).isEqualTo(1);
    assertThat(lives.ended(A, TimeUnit.SECONDS.toNanos(6))).isEqualTo(new EndpointLife(A, 2));
  }

  @Test
  void countsARemovalLongAfterTheOneThatAPeerAnnounced() {
    lives.mentioned(new EndpointLife(A, 1), 0);
    assertThat(lives.ended(A, TimeUnit.MINUTES.toNanos(2))).isEqualTo(new EndpointLife(A, 2));
  }

  @Test
  void distinguishesEarlierLivesFromTheCurrentOne() {
    lives.mentioned(new EndpointLife(A, 4), 0);
    assertThat(lives.mentioned(new EndpointLife(A, 3), 0)).isNegative();
    assertThat(lives.mentioned(new EndpointLife(A, 4), 0)).isZero();
    assertThat(lives.of(A).generation()).isEqualTo(4);
  }

  @Test
  void staysWithinItsBound() {
    for (int i = 0; i < 100_000; i++) {
      lives.ended(new EndpointId("ns", "e" + i), 0);
    }
    assertThat(lives.of(new EndpointId("ns", "e0")).generation()).isZero();
    assertThat(lives.of(new EndpointId("ns", "e99999")).generation()).isEqualTo(1);
  }
}
