package ai.llmd.epp.adapter.metrics.gauge;

import ai.llmd.epp.adapter.metrics.scrape.MetricSpec;
import ai.llmd.epp.adapter.metrics.scrape.MetricsExtractor;
import ai.llmd.epp.adapter.metrics.scrape.Samples;
import ai.llmd.epp.adapter.metrics.scrape.WantedSeries;
import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.EndpointAttribute;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointLoad;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Reads how busy the GPUs of an endpoint are: the busiest one counts, as a share of 1. Those of
 * other pods on the same page are left out.
 */
public final class DcgmExtractor implements MetricsExtractor {

  private static final String NAME = "dcgm-extractor";
  private static final String FAMILY = "DCGM_FI_DEV_GPU_UTIL";
  private static final double PERCENT = 100;

  public static final PluginType<NoParameters> TYPE =
      PluginType.of(NAME, DcgmExtractor::new).alpha();

  private static final EndpointAttribute UTILIZATION = EndpointAttribute.of("GPUUtilization", NAME);

  @Override
  public String type() {
    return NAME;
  }

  @Override
  public Set<FactKey<?>> produces() {
    return Set.of(UTILIZATION.key());
  }

  @Override
  public LoadReading readingFor(Endpoint endpoint) {
    return new OfPod(endpoint.podName());
  }

  /** The GPUs of one pod, and those of which the page does not say whose they are. */
  private record OfPod(String pod) implements LoadReading {

    private static final List<WantedSeries> WANTED =
        List.of(WantedSeries.every(MetricSpec.parse(FAMILY), List.of("pod")));

    @Override
    public List<WantedSeries> wanted() {
      return WANTED;
    }

    @Override
    public EndpointLoad read(
        Samples samples,
        int first,
        EndpointLoad previous,
        long nowNanos,
        Consumer<String> problems) {
      double busiest = -1;
      for (int i = 0; i < samples.count(first); i++) {
        String owner = samples.label(first, i, 0);
        if (owner == null || owner.isEmpty() || owner.equals(pod)) {
          busiest = Math.max(busiest, samples.value(first, i));
        }
      }
      if (!(busiest >= 0 && busiest <= Double.MAX_VALUE)) {
        problems.accept(
            samples.familySeen(first)
                ? FAMILY + " has no usable sample of pod " + pod
                : "metric family \"" + FAMILY + "\" not found");
        return previous;
      }
      return ReadNumbers.into(previous, Map.of(UTILIZATION.name(), busiest / PERCENT), nowNanos);
    }
  }
}
