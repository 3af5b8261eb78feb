package ai.llmd.epp.application.waiting;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientDeadlineTest {

  private static long nanos(Map<String, String> headers) {
    return ClientDeadline.nanos(headers::get, WaitingRules.KNOWN_DEADLINES);
  }

  @ParameterizedTest
  @CsvSource({
    "x-envoy-expected-rq-timeout-ms, 1500, 1500000000",
    "x-envoy-upstream-rq-timeout-ms, ' 20 ', 20000000",
    "grpc-timeout, 2H, 7200000000000",
    "grpc-timeout, 3M, 180000000000",
    "grpc-timeout, 4S, 4000000000",
    "grpc-timeout, 5m, 5000000",
    "grpc-timeout, 6u, 6000",
    "grpc-timeout, 99999999n, 99999999",
    "x-stainless-timeout, 600, 600000000000",
    "x-stainless-read-timeout, 0.5, 500000000",
  })
  void readsWhatClientsAndProxiesSend(String name, String value, long nanos) {
    assertThat(nanos(Map.of(name, value))).isEqualTo(nanos);
  }

  @ParameterizedTest
  @CsvSource({
    "x-envoy-expected-rq-timeout-ms, -5",
    "x-envoy-expected-rq-timeout-ms, 0",
    "x-envoy-expected-rq-timeout-ms, soon",
    "x-envoy-expected-rq-timeout-ms, ''",
    "x-envoy-expected-rq-timeout-ms, 1e3",
    "x-envoy-expected-rq-timeout-ms, 123456789012345678901",
    "x-stainless-timeout, 1.2.3",
    "x-stainless-timeout, NOT_GIVEN",
    "x-stainless-timeout, .",
    "grpc-timeout, S",
    "grpc-timeout, 5",
    "grpc-timeout, 123456789S",
    "grpc-timeout, -1S",
    "grpc-timeout, 1x",
  })
  void whatCannotBeReadCountsForNothing(String name, String value) {
    assertThat(nanos(Map.of(name, value))).isEqualTo(ClientDeadline.NONE);
  }

  @Test
  void theLeastOfSeveralCounts() {
    assertThat(nanos(Map.of("grpc-timeout", "1S", "x-stainless-timeout", "0.25")))
        .isEqualTo(TimeUnit.MILLISECONDS.toNanos(250));
    assertThat(nanos(Map.of())).isEqualTo(ClientDeadline.NONE);
  }

  @Test
  void onlyTheConfiguredHeadersCount() {
    assertThat(ClientDeadline.nanos(Map.of("x-left-ms", "7")::get, List.of("x-left-ms")))
        .isEqualTo(7_000_000);
    assertThat(ClientDeadline.nanos(Map.of("grpc-timeout", "1S")::get, List.of("x-left-ms")))
        .isEqualTo(ClientDeadline.NONE);
  }

  @Test
  void aHugeDeadlineIsLongEnough() {
    assertThat(nanos(Map.of("x-stainless-timeout", "99999999999999999999")))
        .isGreaterThan(TimeUnit.DAYS.toNanos(365))
        .isLessThan(ClientDeadline.NONE);
  }
}
