package ai.llmd.epp.application.burst;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.application.producer.Produced;
import ai.llmd.epp.application.producer.Requests;
import ai.llmd.epp.application.producer.TokenProducer;
import ai.llmd.epp.domain.calls.WithoutResultException;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class BurstPrefixCacheProducerTest {

  private static final BurstParameters ONE_MS = parameters(1, 1000);

  private final EndpointState[] endpoints = {Requests.endpoint(0), Requests.endpoint(1)};

  @Test
  void matchesEqualPromptsInWholeOnOneEndpoint() throws InterruptedException {
    var producer = new BurstPrefixCacheProducer("burst", parameters(200, 1000), 7);
    Produced first = producer.produce(cycle("a".repeat(600)));
    Produced second = producer.produce(cycle("a".repeat(600)));
    Produced other = producer.produce(cycle("b".repeat(600)));
    assertThat(((Produced.Later) first).budget()).isEqualTo(Duration.ofMillis(500));
    PrefixMatches matches = matches(first);
    assertThat(matches.matchedBlocks(0)).isEqualTo(3).isEqualTo(matches.totalBlocks(0));
    assertThat(matches.matchedBlocks(1)).isZero();
    assertThat(matches(second).matchedBlocks(0)).isEqualTo(3);
    assertThat(matches(other).matchedBlocks(0)).isZero();
    assertThat(matches(other).totalBlocks(1)).isEqualTo(3);
  }

  @Test
  void beginsAnotherBatchAfterTheWindow() throws InterruptedException {
    var producer = new BurstPrefixCacheProducer("burst", ONE_MS, 7);
    assertThat(matches(producer.produce(cycle("a".repeat(600)))).matchedBlocks(0)).isZero();
    assertThat(matches(producer.produce(cycle("a".repeat(600)))).matchedBlocks(0)).isZero();
  }

  @Test
  void goesWithoutWhatAFullBatchHasNoRoomFor() {
    var producer = new BurstPrefixCacheProducer("burst", parameters(10_000, 1), 7);
    producer.produce(cycle("a"));
    assertThatThrownBy(() -> producer.produce(cycle("a")))
        .isInstanceOf(WithoutResultException.class)
        .hasMessage("has a full batch: maxBatchSize 1 is reached");
  }

  @Test
  void waitsForNothingWithoutTokens() {
    var producer = new BurstPrefixCacheProducer("burst", ONE_MS, 7);
    SchedulingCycle cycle = Requests.cycle(Requests.request(Requests.text("a")), endpoints);
    assertThat(producer.produce(cycle)).isSameAs(Produced.NOW);
  }

  @Test
  void refusesWhatCannotBeMeant() {
    assertThatIllegalArgumentException().isThrownBy(() -> parameters(0, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> parameters(10_001, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> parameters(1, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BurstParameters(1, 0, 64, 0, 0, 1, "tokens"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BurstParameters(1, 1, 64, 63, 0, 1, "tokens"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BurstParameters(1, 1, 64, 0, 0, 1, "bytes"));
  }

  private static BurstParameters parameters(int windowMs, int most) {
    return new BurstParameters(windowMs, -1, 64, 0, 0, most, "requests");
  }

  private SchedulingCycle cycle(String prompt) {
    SchedulingCycle cycle = Requests.cycle(Requests.request(Requests.text(prompt)), endpoints);
    new TokenProducer(TokenProducer.Parameters.DEFAULT).produce(cycle);
    return cycle;
  }

  private static PrefixMatches matches(Produced produced) throws InterruptedException {
    Facts facts = ((Produced.Later) produced).rest().await();
    return Objects.requireNonNull(facts.get(PrefixMatches.key("burst")));
  }
}
