package ai.llmd.epp.adapter.latency;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PredictionEnvironmentTest {

  private final List<String> warnings = new ArrayList<>();

  private PredictionSettings read(String... variables) {
    Map<String, String> environment = new HashMap<>(Map.of("TRAINING_SERVER_URL", "http://t:1"));
    for (int i = 0; i < variables.length; i += 2) {
      environment.put(variables[i], variables[i + 1]);
    }
    return Objects.requireNonNull(new PredictionEnvironment(environment, warnings::add).read());
  }

  @Test
  void hasTheDefaultsOfTheReference() {
    assertThat(read())
        .isEqualTo(
            new PredictionSettings(
                List.of(URI.create("http://localhost:8001")),
                URI.create("http://t:1"),
                1_000,
                Duration.ofSeconds(1),
                Duration.ofSeconds(10),
                100,
                Duration.ofMillis(1),
                0,
                36));
  }

  @Test
  void readsAListOfServers() {
    assertThat(
            read("PREDICTION_SERVER_URL", " http://a:1/, ,https://b , nonsense")
                .predictionServers())
        .containsExactly(URI.create("http://a:1"), URI.create("https://b"));
    assertThat(warnings)
        .containsExactly(
            "PREDICTION_SERVER_URL: \"nonsense\" is no http or https URL, it is left out");
  }

  @ParameterizedTest
  @CsvSource({
    "LATENCY_MAX_SAMPLE_SIZE,0",
    "LATENCY_FLUSH_INTERVAL_SEC,1.5",
    "LATENCY_HTTP_TIMEOUT_SEC,-1",
    "LATENCY_MAX_BULK_SIZE,101",
    "LATENCY_COALESCE_WINDOW_MS,-1",
    "LATENCY_MAX_COALESCED_ROWS,many",
    "LATENCY_MAX_CONCURRENT_DISPATCHES,99999999999"
  })
  void keepsTheDefaultOfWhatIsInvalid(String name, String value) {
    assertThat(read(name, value)).isEqualTo(read());
    assertThat(warnings).singleElement().asString().startsWith(name);
  }

  @Test
  void readsEveryNumber() {
    PredictionSettings settings =
        read(
            "LATENCY_MAX_SAMPLE_SIZE", "10000",
            "LATENCY_FLUSH_INTERVAL_SEC", "2",
            "LATENCY_HTTP_TIMEOUT_SEC", "3",
            "LATENCY_MAX_BULK_SIZE", "50",
            "LATENCY_COALESCE_WINDOW_MS", "0",
            "LATENCY_MAX_COALESCED_ROWS", "7",
            "LATENCY_MAX_CONCURRENT_DISPATCHES", "4");

    assertThat(settings.maxSampleSize()).isEqualTo(10_000);
    assertThat(settings.flushInterval()).hasSeconds(2);
    assertThat(settings.httpTimeout()).hasSeconds(3);
    assertThat(settings.maxBulkSize()).isEqualTo(50);
    assertThat(settings.coalesceWindow()).isZero();
    assertThat(settings.maxCoalescedRows()).isEqualTo(7);
    assertThat(settings.maxConcurrentDispatches()).isEqualTo(4);
  }
}
