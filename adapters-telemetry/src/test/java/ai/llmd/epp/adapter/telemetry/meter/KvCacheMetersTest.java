package ai.llmd.epp.adapter.telemetry.meter;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.port.out.PrefixObserver.Lookups;
import ai.llmd.epp.application.port.out.kvcache.KvCacheFigures;
import ai.llmd.epp.application.port.out.kvcache.KvCacheTruth;
import ai.llmd.epp.application.port.out.kvcache.KvFeedFigures;
import ai.llmd.epp.application.port.out.kvcache.KvStreamStatus;
import ai.llmd.epp.application.port.out.kvcache.KvStreamStatus.Completeness;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.kvcache.KvEventCounts;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KvCacheMetersTest {

  private static final String PREFIX = "llm_d_epp_kv_cache_";

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final PrefixMeters meters = new PrefixMeters(registry);

  @Test
  void showsNothingButZerosWithoutAProducer() {
    assertThat(family("index_admissions_total")).contains(PREFIX + "index_admissions_total 0");
    assertThat(family("events_active_subscribers"))
        .contains(PREFIX + "events_active_subscribers 0");
    assertThat(family("events_completeness")).noneMatch(line -> line.endsWith(" 1"));
  }

  @Test
  void countsLookUpsUnderBothNames() {
    Lookups lookups = meters.following("precise", new Figures(KvFeedFigures.NONE));
    lookups.looked(7, 6_000_000);
    lookups.looked(0, 1_000);
    for (String name : List.of("index_lookup_requests_total")) {
      assertThat(family(name)).contains(PREFIX + name + " 2");
      assertThat(Pages.family(registry, "kvcache_" + name)).contains("kvcache_" + name + " 2");
    }
    for (String name : List.of("index_lookup_hits_total", "index_max_pod_hit_count_total")) {
      assertThat(family(name)).contains(PREFIX + name + " 7");
      assertThat(Pages.family(registry, "kvcache_" + name)).contains("kvcache_" + name + " 7");
    }
    assertThat(family("index_lookup_latency_seconds"))
        .contains(
            PREFIX + "index_lookup_latency_seconds_bucket{le=\"0.005\"} 1",
            PREFIX + "index_lookup_latency_seconds_count 2");
    assertThat(Pages.family(registry, "kvcache_index_lookup_latency_seconds"))
        .contains("kvcache_index_lookup_latency_seconds_count 2");
    assertThat(family("index_bytes")).contains(PREFIX + "index_bytes 99");
  }

  @Test
  void showsEachPublisherAndThoseThatConnectToUsAsOne() {
    meters.following(
        "precise",
        new Figures(
            new KvFeedFigures(
                Map.of(
                    "ns/a", publisher(Completeness.COMPLETE, 3, 5),
                    "local-subscriber 10.0.0.1:1", publisher(Completeness.COMPLETE, 0, 20),
                    "local-subscriber 10.0.0.2:1", publisher(Completeness.INCOMPLETE, 0, 22)),
                4,
                3,
                13)));
    assertThat(family("events_active_subscribers"))
        .contains(PREFIX + "events_active_subscribers 2");
    assertThat(family("events_pool_queue_depth")).contains(PREFIX + "events_pool_queue_depth 4");
    assertThat(family("events_messages_received_total"))
        .contains(
            PREFIX + "events_messages_received_total{pod_identifier=\"local-subscriber\"} 45",
            PREFIX + "events_messages_received_total{pod_identifier=\"ns/a\"} 5");
    assertThat(family("events_subscriber_reconnections_total"))
        .contains(PREFIX + "events_subscriber_reconnections_total{pod_identifier=\"ns/a\"} 2");
    assertThat(family("events_zmq_errors_total"))
        .contains(
            PREFIX
                + "events_zmq_errors_total{operation=\"accept\",pod_identifier=\"local-subscriber\"}"
                + " 13",
            PREFIX + "events_zmq_errors_total{operation=\"connect\",pod_identifier=\"ns/a\"} 8",
            PREFIX + "events_zmq_errors_total{operation=\"recv\",pod_identifier=\"ns/a\"} 2");
    assertThat(family("events_completeness"))
        .contains(
            PREFIX
                + "events_completeness{pod_identifier=\"local-subscriber\",state=\"incomplete\"} 1",
            PREFIX + "events_completeness{pod_identifier=\"ns/a\",state=\"complete\"} 1");
  }

  @Test
  void showsHowPredictionsCompareAndWhatThatSuggests() {
    meters.following("precise", new Figures(KvFeedFigures.NONE));
    assertThat(family("truth_responses_total"))
        .contains(
            PREFIX + "truth_responses_total{outcome=\"agreed\",pod_identifier=\"ns/a\"} 5",
            PREFIX + "truth_responses_total{outcome=\"other_tokens\",pod_identifier=\"ns/a\"} 70");
    assertThat(family("truth_cause"))
        .contains(PREFIX + "truth_cause{cause=\"tokens\",pod_identifier=\"ns/a\"} 1")
        .noneMatch(line -> line.contains("ns/b"));
    assertThat(family("match_basis"))
        .contains(
            PREFIX + "match_basis{basis=\"routed\",pod_identifier=\"ns/a\"} 1",
            PREFIX + "match_basis{basis=\"catching_up\",pod_identifier=\"ns/b\"} 1");
  }

  @Test
  void forgetsAProducerThatIsGone() {
    meters.following(
        "precise",
        new Figures(
            new KvFeedFigures(Map.of("ns/a", publisher(Completeness.CATCHING_UP, 1, 1)), 0, 0, 0)));
    assertThat(family("events_completeness"))
        .contains(PREFIX + "events_completeness{pod_identifier=\"ns/a\",state=\"catching_up\"} 1");
    meters.gone("precise");
    assertThat(family("events_completeness")).noneMatch(line -> line.endsWith(" 1"));
  }

  private static KvFeedFigures.Publisher publisher(
      Completeness completeness, long connections, long messages) {
    return new KvFeedFigures.Publisher(
        new KvStreamStatus("e", completeness, 0, 0, messages, 0, 0, 0, 0, 0, 0, connections), 8, 2);
  }

  private List<String> family(String name) {
    return Pages.family(registry, PREFIX + name);
  }

  private record Figures(KvFeedFigures feed) implements KvCacheFigures {

    @Override
    public KvEventCounts events() {
      return new KvEventCounts();
    }

    @Override
    public Map<String, KvCacheTruth> truth() {
      return Map.of(
          "ns/a", new KvCacheTruth(5, 0, 0, 70, false, KvCacheTruth.Cause.TOKENS),
          "ns/b", new KvCacheTruth(9, 0, 0, 0, true, KvCacheTruth.Cause.NONE));
    }

    @Override
    public Map<String, PrefixMatches.Basis> bases() {
      return Map.of("ns/a", PrefixMatches.Basis.ROUTED, "ns/b", PrefixMatches.Basis.CATCHING_UP);
    }

    @Override
    public long indexBytes() {
      return 99;
    }
  }
}
