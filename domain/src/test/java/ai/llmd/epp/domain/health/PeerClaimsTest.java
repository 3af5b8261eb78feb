package ai.llmd.epp.domain.health;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.health.Claim.Finding;
import ai.llmd.epp.domain.health.EndpointHealth.State;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What other replicas hold against an endpoint, and what this one makes of it. */
class PeerClaimsTest {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long PEER = 7;
  private static final long OTHER = -8;

  private final Noted noted = new Noted();
  private final EndpointHealth health = new EndpointHealth(noted);
  private long now = -SECOND;
  private long episode;

  private void claim(long peer, Finding finding) {
    health.peerClaims(peer, new Claim(finding, ++episode), now);
  }

  private void fail() {
    for (int i = 0; i < 3; i++) {
      health.failed(false, now);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FAILING", "UNREACHABLE"})
  void oneReplicaThatFoundItDeadIsEnough(Finding finding) {
    health.succeeded(now);
    health.pollAnswered(now);
    claim(PEER, finding);
    assertThat(health.state()).isEqualTo(State.OUT);
    assertThat(health.isEligible(now)).isFalse();
    claim(PEER, Finding.NONE);
    assertThat(health.state()).isEqualTo(State.HEALTHY);
  }

  @Test
  void whatPeersClaimIsNotPassedOn() {
    claim(PEER, Finding.FAILING);
    assertThat(health.claim()).isEqualTo(Claim.NONE);
    assertThat(noted.claims).isEqualTo(0);
  }

  @Test
  void aPollOfItsOwnWithstandsThatAPeerCannotReachIt() {
    claim(PEER, Finding.UNREACHABLE);
    health.pollAnswered(now);
    assertThat(health.state()).isEqualTo(State.HEALTHY);
    health.peerClaims(PEER, new Claim(Finding.UNREACHABLE, episode), now);
    assertThat(health.state()).as("the same claim once more").isEqualTo(State.HEALTHY);
  }

  @Test
  void aPollSaysNothingAboutRequestsThatFail() {
    claim(PEER, Finding.FAILING);
    health.pollAnswered(now);
    assertThat(health.state()).isEqualTo(State.OUT);
    health.succeeded(now);
    assertThat(health.state()).isEqualTo(State.HEALTHY);
  }

  @Test
  void aPeerWithABadConnectionIsNotBelievedAgainAndAgain() {
    claim(PEER, Finding.UNREACHABLE);
    health.pollAnswered(now);
    for (int i = 0; i < 20; i++) {
      now += 2 * SECOND;
      claim(PEER, Finding.NONE);
      claim(PEER, Finding.UNREACHABLE);
      assertThat(health.state()).isEqualTo(State.HEALTHY);
    }
    claim(OTHER, Finding.UNREACHABLE);
    assertThat(health.state()).as("two of them").isEqualTo(State.OUT);
  }

  @Test
  void aPeerIsBelievedAgainAfterAWhile() {
    claim(PEER, Finding.UNREACHABLE);
    health.pollAnswered(now);
    now += PeerClaims.DISTRUST_NANOS;
    claim(PEER, Finding.NONE);
    claim(PEER, Finding.UNREACHABLE);
    assertThat(health.state()).isEqualTo(State.OUT);
  }

  @Test
  void aPeerThatIsGoneClaimsNothing() {
    claim(PEER, Finding.FAILING);
    claim(OTHER, Finding.FAILING);
    health.peerGone(PEER, now);
    assertThat(health.state()).isEqualTo(State.OUT);
    health.peerGone(OTHER, now);
    assertThat(health.state()).isEqualTo(State.HEALTHY);
  }

  @Test
  void aProbeOfItsOwnIsSentWhereOnlyPeersFoundIt() {
    claim(PEER, Finding.UNREACHABLE);
    now += SECOND;
    assertThat(health.isEligible(now)).isTrue();
    health.picked(now);
    health.succeeded(now);
    assertThat(health.state()).isEqualTo(State.HEALTHY);
  }

  @Test
  void aProbeThatFailsMakesItAClaimOfItsOwn() {
    claim(PEER, Finding.FAILING);
    now += SECOND;
    assertThat(health.isEligible(now)).isTrue();
    health.picked(now);
    health.failed(false, now);
    assertThat(health.claim()).isEqualTo(new Claim(Finding.FAILING, now));
    claim(PEER, Finding.NONE);
    assertThat(health.state()).isEqualTo(State.OUT);
  }

  @Test
  void aPeersAnswerMakesTheNextRequestAProbe() {
    claim(PEER, Finding.FAILING);
    fail();
    now += 1;
    assertThat(health.claim()).as("it was out already").isEqualTo(Claim.NONE);
    health.peerClaims(PEER, Claim.NONE, now);
    assertThat(health.state()).isEqualTo(State.HEALTHY);
    claim(PEER, Finding.FAILING);
    now += SECOND;
    health.isEligible(now);
    health.picked(now);
    health.failed(false, now);
    assertThat(health.isEligible(now)).isFalse();
    claim(PEER, Finding.NONE);
    assertThat(health.isEligible(now)).isTrue();
  }

  @Test
  void publishesWhatItFoundItselfOnceForEachEpisode() {
    fail();
    Claim failing = health.claim();
    assertThat(failing).isEqualTo(new Claim(Finding.FAILING, now));
    now += SECOND;
    health.isEligible(now);
    health.picked(now);
    health.failed(false, now);
    assertThat(health.claim()).isEqualTo(failing);
    health.pollFailed(true, now);
    health.pollFailed(true, now);
    assertThat(health.claim()).isEqualTo(new Claim(Finding.UNREACHABLE, now));
    health.pollAnswered(now);
    assertThat(health.claim().finding()).isEqualTo(Finding.NONE);
    assertThat(noted.claims).isEqualTo(3);
  }

  @Test
  void itsOwnPollsBringItBackOnlyAsFarAsPeersLetIt() {
    health.pollFailed(false, now);
    health.pollFailed(false, now);
    claim(PEER, Finding.FAILING);
    health.pollAnswered(now);
    assertThat(health.state()).isEqualTo(State.OUT);
    assertThat(health.claim().finding()).isEqualTo(Finding.NONE);
    claim(PEER, Finding.NONE);
    assertThat(health.state()).isEqualTo(State.HEALTHY);
  }
}
