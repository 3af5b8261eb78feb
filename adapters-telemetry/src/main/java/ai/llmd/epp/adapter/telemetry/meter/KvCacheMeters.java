package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.adapter.telemetry.series.Buckets;
import ai.llmd.epp.adapter.telemetry.series.DeprecatedTwin;
import ai.llmd.epp.adapter.telemetry.series.Distribution;
import ai.llmd.epp.application.port.out.PrefixObserver.Lookups;
import ai.llmd.epp.application.port.out.kvcache.KvCacheFigures;
import ai.llmd.epp.application.port.out.kvcache.KvCacheTruth;
import ai.llmd.epp.application.port.out.kvcache.KvFeedFigures;
import ai.llmd.epp.application.port.out.kvcache.KvStreamStatus;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.kvcache.KvEventCounts;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * How the caches of model servers are followed, over all producers that do. Read at each scrape;
 * any thread. As many series as publishers, which go with them.
 */
final class KvCacheMeters {

  private static final String PREFIX = "llm_d_epp_kv_cache_";
  private static final String POD = "pod_identifier";

  private final Map<String, KvCacheFigures> producers = new ConcurrentHashMap<>();
  private final LongAdder lookups = new LongAdder();
  private final LongAdder hits = new LongAdder();
  private final Distribution latency =
      new Distribution(
          PREFIX + "index_lookup_latency_seconds",
          "[ALPHA] Seconds to look a prompt up in the index.",
          Buckets.LOOKUP);
  private final Distribution.Series latencies;
  private final PrometheusRegistry registry;

  KvCacheMeters(PrometheusRegistry registry) {
    this.registry = registry;
    latencies = latency.with();
    registerIndex();
    registerEvents();
    registerPublishers();
    registerTruth();
    registerBases();
    registerSnapshots();
  }

  /** A producer begins, or another one of its name takes its place. */
  Lookups following(String producer, KvCacheFigures figures) {
    producers.put(producer, figures);
    return (longest, nanos) -> {
      lookups.increment();
      hits.add(longest);
      latencies.observe(nanos / 1e9);
    };
  }

  void gone(String producer) {
    producers.remove(producer);
  }

  private void registerIndex() {
    counted("index_admissions", "Blocks that events stored.", KvEventCounts::admitted);
    counted("index_evictions", "Blocks that events removed.", KvEventCounts::forwarded);
    twin("index_lookup_requests", counter("index_lookup_requests", "Prompts looked up.", lookups));
    twin(
        "index_lookup_hits",
        counter("index_lookup_hits", "Leading blocks of prompts that one endpoint held.", hits));
    twin(
        "index_max_pod_hit_count",
        counter(
            "index_max_pod_hit_count", "Leading blocks of prompts that one endpoint held.", hits));
    registry.register(latency);
    registry.register(new DeprecatedTwin(latency, "kvcache_index_lookup_latency_seconds"));
    gauge("index_bytes", "Bytes of the index.", KvCacheFigures::indexBytes);
  }

  private void registerEvents() {
    CounterWithCallback suppressed =
        counter(
            "events_dedup_removed_hashes_suppressed",
            "Removals of blocks that were announced several times.",
            KvEventCounts::suppressed);
    CounterWithCallback forwarded =
        counter(
            "events_dedup_removed_hashes_forwarded",
            "Removals of blocks that were applied.",
            KvEventCounts::forwarded);
    registry.register(
        new DeprecatedTwin(suppressed, "kvcache_kvevents_dedup_removed_hashes_suppressed"));
    registry.register(
        new DeprecatedTwin(forwarded, "kvcache_kvevents_dedup_removed_hashes_forwarded"));
    counter(
        "events_unknown_parents",
        "Stored blocks that continue one which is not known.",
        KvEventCounts::unknownParents);
    counter(
        "events_refused", "Events whose blocks the index had no room for.", KvEventCounts::refused);
    skipped("events_stores_skipped", "Stored blocks not indexed.", KvEventCounts::storesSkipped);
    skipped("events_removals_skipped", "Removals not applied.", KvEventCounts::removalsSkipped);
    gauge(
        "events_active_subscribers",
        "Publishers that are subscribed to, connected or not.",
        figures -> subscribers(figures.feed()));
    gauge(
        "events_pool_queue_depth",
        "Messages received and not applied yet.",
        figures -> figures.feed().waitingMessages());
    gauge("events_pool_capacity", "Threads that apply events.", figures -> 1);
  }

  private static double subscribers(KvFeedFigures feed) {
    return feed.publishers().keySet().stream().map(KvCacheMeters::pod).distinct().count();
  }

  private void registerPublishers() {
    byPod(
        "events_subscriber_reconnections",
        "Connections to a publisher after the first.",
        each -> Math.max(0, each.status().connections() - 1));
    byPod(
        "events_messages_received",
        "Messages received, whatever came of them, replayed ones included.",
        this::messages);
    byPod("events_gaps", "Times that messages were missing.", each -> each.status().gaps());
    byPod(
        "events_restarts", "Times that a publisher began again.", each -> each.status().restarts());
    byPod(
        "events_replays",
        "Times that missing messages were asked for.",
        each -> each.status().replays());
    byPod("events_replay_failures", "Replays that failed.", each -> each.status().failures());
    byPod(
        "events_late_messages",
        "Messages dropped because they came twice or too late.",
        each -> each.status().late());
    CounterWithCallback.builder()
        .name(PREFIX + "events_zmq_errors")
        .help("[ALPHA] Connections to publishers that failed or ended, or were refused.")
        .labelNames(POD, "operation")
        .callback(
            callback -> {
              sums(KvFeedFigures.Publisher::connectErrors)
                  .forEach((pod, sum) -> callback.call((double) sum, pod, "connect"));
              sums(KvFeedFigures.Publisher::receiveErrors)
                  .forEach((pod, sum) -> callback.call((double) sum, pod, "recv"));
              long refused = ofFeeds(KvFeedFigures::refusedConnections);
              if (refused > 0) {
                callback.call((double) refused, KvFeedFigures.BOUND, "accept");
              }
            })
        .register(registry);
    GaugeWithCallback.builder()
        .name(PREFIX + "events_completeness")
        .help("[ALPHA] 1 for the state that what is known of a publisher's cache is in.")
        .labelNames(POD, "state")
        .callback(
            callback ->
                worst()
                    .forEach(
                        (pod, state) ->
                            callback.call(1, pod, state.name().toLowerCase(Locale.ROOT))))
        .register(registry);
  }

  private void registerTruth() {
    CounterWithCallback.builder()
        .name(PREFIX + "truth_responses")
        .help("[ALPHA] Responses by how their cached tokens compare with what was predicted.")
        .labelNames(POD, "outcome")
        .callback(
            callback ->
                truths(
                    (pod, truth) -> {
                      callback.call((double) truth.agreed(), pod, "agreed");
                      callback.call((double) truth.fewer(), pod, "fewer_cached");
                      callback.call((double) truth.more(), pod, "more_cached");
                      callback.call((double) truth.otherTokens(), pod, "other_tokens");
                    }))
        .register(registry);
    GaugeWithCallback.builder()
        .name(PREFIX + "truth_cause")
        .help("[ALPHA] 1 for what most of an endpoint's latest responses disagree about.")
        .labelNames(POD, "cause")
        .callback(
            callback ->
                truths(
                    (pod, truth) -> {
                      if (truth.cause() != KvCacheTruth.Cause.NONE) {
                        callback.call(1, pod, truth.cause().name().toLowerCase(Locale.ROOT));
                      }
                    }))
        .register(registry);
  }

  private void registerBases() {
    GaugeWithCallback.builder()
        .name(PREFIX + "match_basis")
        .help(
            "[ALPHA] 1 for what matches of an endpoint rest on: complete, catching_up or"
                + " incomplete events, or where prompts were routed while these prove wrong.")
        .labelNames(POD, "basis")
        .callback(
            callback -> {
              Map<String, PrefixMatches.Basis> bases = new TreeMap<>();
              producers.values().forEach(figures -> figures.bases().forEach(bases::putIfAbsent));
              bases.forEach(
                  (pod, basis) -> callback.call(1, pod, basis.name().toLowerCase(Locale.ROOT)));
            })
        .register(registry);
  }

  private void registerSnapshots() {
    CounterWithCallback.builder()
        .name(PREFIX + "snapshots")
        .help(
            "[ALPHA] Snapshots of an endpoint's cache from other replicas, by what became of them.")
        .labelNames("outcome")
        .callback(
            callback -> {
              Map<String, Long> sums = new TreeMap<>();
              producers
                  .values()
                  .forEach(
                      figures ->
                          figures
                              .snapshots()
                              .forEach((outcome, count) -> sums.merge(outcome, count, Long::sum)));
              sums.forEach((outcome, sum) -> callback.call((double) sum, outcome));
            })
        .register(registry);
  }

  /** Of several producers the first that knows an endpoint counts. */
  private void truths(BiConsumer<String, KvCacheTruth> each) {
    Map<String, KvCacheTruth> truths = new TreeMap<>();
    producers.values().forEach(figures -> figures.truth().forEach(truths::putIfAbsent));
    truths.forEach(each);
  }

  /** Of several producers, and of several publishers under one name, the least complete counts. */
  private Map<String, KvStreamStatus.Completeness> worst() {
    return merged(each -> each.status().completeness(), KvCacheMeters::worse);
  }

  private static KvStreamStatus.Completeness worse(
      KvStreamStatus.Completeness one, KvStreamStatus.Completeness other) {
    return rank(one) >= rank(other) ? one : other;
  }

  private static int rank(KvStreamStatus.Completeness state) {
    return switch (state) {
      case COMPLETE -> 0;
      case CATCHING_UP -> 1;
      case INCOMPLETE -> 2;
    };
  }

  private static String pod(String publisher) {
    return publisher.startsWith(KvFeedFigures.BOUND + " ") ? KvFeedFigures.BOUND : publisher;
  }

  private Map<String, Long> sums(ToLongFunction<KvFeedFigures.Publisher> figure) {
    return merged(figure::applyAsLong, Long::sum);
  }

  /** One value by pod, over the publishers of all producers. */
  private <T> Map<String, T> merged(
      Function<KvFeedFigures.Publisher, T> value, BinaryOperator<T> both) {
    Map<String, T> values = new TreeMap<>();
    for (KvCacheFigures figures : producers.values()) {
      figures
          .feed()
          .publishers()
          .forEach((name, each) -> values.merge(pod(name), value.apply(each), both));
    }
    return values;
  }

  private Map<String, Long> messages() {
    Map<String, Long> messages = sums(each -> each.status().messages());
    long stray = ofFeeds(KvFeedFigures::strayMessages);
    if (stray > 0) {
      messages.merge(KvFeedFigures.BOUND, stray, Long::sum);
    }
    return messages;
  }

  private long ofFeeds(ToLongFunction<KvFeedFigures> figure) {
    return producers.values().stream().mapToLong(each -> figure.applyAsLong(each.feed())).sum();
  }

  private void byPod(String name, String help, ToLongFunction<KvFeedFigures.Publisher> figure) {
    byPod(name, help, () -> sums(figure));
  }

  private void byPod(String name, String help, Supplier<Map<String, Long>> figures) {
    CounterWithCallback.builder()
        .name(PREFIX + name)
        .help("[ALPHA] " + help)
        .labelNames(POD)
        .callback(callback -> figures.get().forEach((pod, sum) -> callback.call((double) sum, pod)))
        .register(registry);
  }

  private void skipped(
      String name, String help, Function<KvEventCounts, Map<KvEventCounts.Skip, Long>> skips) {
    CounterWithCallback.builder()
        .name(PREFIX + name)
        .help("[ALPHA] " + help)
        .labelNames("cache_kind", "reason")
        .callback(
            callback -> {
              Map<KvEventCounts.Skip, Long> sums = new TreeMap<>();
              producers
                  .values()
                  .forEach(
                      figures ->
                          skips
                              .apply(figures.events())
                              .forEach((skip, count) -> sums.merge(skip, count, Long::sum)));
              sums.forEach(
                  (skip, sum) -> callback.call((double) sum, skip.cacheKind(), skip.reason()));
            })
        .register(registry);
  }

  private void counted(String name, String help, ToLongFunction<KvEventCounts> count) {
    twin(name, counter(name, help, count));
  }

  private void twin(String name, CounterWithCallback counter) {
    registry.register(new DeprecatedTwin(counter, "kvcache_" + name));
  }

  private CounterWithCallback counter(
      String name, String help, ToLongFunction<KvEventCounts> count) {
    return CounterWithCallback.builder()
        .name(PREFIX + name)
        .help("[ALPHA] " + help)
        .callback(
            callback ->
                callback.call(
                    producers.values().stream()
                        .mapToDouble(figures -> count.applyAsLong(figures.events()))
                        .sum()))
        .register(registry);
  }

  private CounterWithCallback counter(String name, String help, LongAdder count) {
    return CounterWithCallback.builder()
        .name(PREFIX + name)
        .help("[ALPHA] " + help)
        .callback(callback -> callback.call((double) count.sum()))
        .register(registry);
  }

  private void gauge(String name, String help, ToDoubleFunction<KvCacheFigures> value) {
    GaugeWithCallback.builder()
        .name(PREFIX + name)
        .help("[ALPHA] " + help)
        .callback(callback -> callback.call(producers.values().stream().mapToDouble(value).sum()))
        .register(registry);
  }
}
