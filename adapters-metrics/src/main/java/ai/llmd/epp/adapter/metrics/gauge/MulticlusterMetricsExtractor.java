package ai.llmd.epp.adapter.metrics.gauge;

import ai.llmd.epp.adapter.metrics.scrape.MetricSpec;
import ai.llmd.epp.adapter.metrics.scrape.MetricsExtractor;
import ai.llmd.epp.adapter.metrics.scrape.Samples;
import ai.llmd.epp.adapter.metrics.scrape.WantedSeries;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.EndpointAttribute;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointLoad;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Reads how full another cluster is, from the page of its picker. */
public final class MulticlusterMetricsExtractor implements MetricsExtractor {

  private static final String NAME = "multicluster-metrics-extractor";

  public static final PluginType<Parameters> TYPE =
      PluginType.of(
              NAME,
              new Parameters(
                  "llm_d_epp_average_kv_cache_utilization", "llm_d_epp_average_queue_size"),
              MulticlusterMetricsExtractor::new)
          .alpha();

  private static final EndpointAttribute KV_CACHE =
      EndpointAttribute.of("llm-d.ai/multicluster-kv-cache-utilization", "");
  private static final EndpointAttribute QUEUE =
      EndpointAttribute.of("llm-d.ai/multicluster-queue-size", "");

  /**
   * Which series to read.
   *
   * @param kvCacheUtilizationMetric share of the KV cache in use, over the other cluster
   * @param queueSizeMetric waiting requests of a server, over the other cluster
   */
  public record Parameters(String kvCacheUtilizationMetric, String queueSizeMetric) {

    public Parameters {
      MetricSpec.parse(kvCacheUtilizationMetric);
      MetricSpec.parse(queueSizeMetric);
    }
  }

  private final LoadReading reading;

  public MulticlusterMetricsExtractor(Parameters parameters) {
    this.reading =
        new Averages(
            List.of(
                WantedSeries.latest(MetricSpec.parse(parameters.kvCacheUtilizationMetric())),
                WantedSeries.latest(MetricSpec.parse(parameters.queueSizeMetric()))));
  }

  @Override
  public String type() {
    return NAME;
  }

  @Override
  public Set<FactKey<?>> produces() {
    return Set.of(KV_CACHE.key(), QUEUE.key());
  }

  @Override
  public LoadReading readingFor(Endpoint endpoint) {
    return reading;
  }

  private record Averages(List<WantedSeries> wanted) implements LoadReading {

    @Override
    public EndpointLoad read(
        Samples samples,
        int first,
        EndpointLoad previous,
        long nowNanos,
        Consumer<String> problems) {
      Map<String, Double> numbers = new HashMap<>();
      take(samples, first, 0, KV_CACHE, numbers, problems);
      take(samples, first, 1, QUEUE, numbers, problems);
      return ReadNumbers.into(previous, numbers, nowNanos);
    }

    private void take(
        Samples samples,
        int first,
        int index,
        EndpointAttribute attribute,
        Map<String, Double> numbers,
        Consumer<String> problems) {
      double value = samples.found(first + index) ? samples.value(first + index) : Double.NaN;
      if (value >= 0 && value <= Double.MAX_VALUE) {
        numbers.put(attribute.name(), value);
      } else {
        problems.accept("no usable series for \"" + wanted.get(index).spec().text() + '"');
      }
    }
  }
}
