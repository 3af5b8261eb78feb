package ai.llmd.epp.adapter.metrics.scrape;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.pool.EndpointLoad;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScrapePausesTest {

  private static final long MILLIS = 1_000_000;

  private final ScrapePauses pauses = new ScrapePauses();

  private static EndpointLoad sampledAt(long nanos) {
    return new EndpointLoad(0, 0, 0, Set.of(), Set.of(), 0, 0, 0, Map.of(), nanos, true);
  }

  /** Clocks begin anywhere, below zero too, and overflow. */
  @ParameterizedTest
  @ValueSource(longs = {0, -1, 5_000_000_000L, -5_000_000_000L, Long.MAX_VALUE - 100_000_000})
  void withoutAPauseSamplesAgeByTheClock(long start) {
    assertThat(pauses.nanos(sampledAt(start), start + 300 * MILLIS)).isEqualTo(300 * MILLIS);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, 5_000_000_000L, -5_000_000_000L, Long.MAX_VALUE - 100_000_000})
  void afterAPauseSamplesAreYoungerByWhatTheIntervalWasLonger(long start) {
    pauses.idle(ScrapeSettings.DEFAULTS, start + 900 * MILLIS);

    // ticks of 50 ms became ticks of a second
    assertThat(pauses.nanos(sampledAt(start), start + 1_000 * MILLIS)).isEqualTo(50 * MILLIS);
    assertThat(pauses.nanos(sampledAt(start), start + 1_200 * MILLIS)).isEqualTo(250 * MILLIS);
    assertThat(pauses.nanos(sampledAt(start + 900 * MILLIS), start + 1_000 * MILLIS)).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, 5_000_000_000L, -5_000_000_000L, Long.MAX_VALUE - 100_000_000})
  void anIdleTickAfterThePauseTheClockCountsAgain(long start) {
    pauses.idle(ScrapeSettings.DEFAULTS, start + 900 * MILLIS);

    assertThat(pauses.nanos(sampledAt(start), start + 1_901 * MILLIS)).isEqualTo(1_901 * MILLIS);
  }

  @ParameterizedTest
  @ValueSource(ints = {1_000, 5_000})
  void whereIdleTicksAreNoLongerNothingIsForgiven(int tickMillis) {
    Duration tick = Duration.ofMillis(tickMillis);
    pauses.idle(ScrapeSettings.DEFAULTS.withTick(tick), 900 * MILLIS);

    assertThat(pauses.nanos(sampledAt(0), 950 * MILLIS)).isEqualTo(950 * MILLIS);
  }
}
