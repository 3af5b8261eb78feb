package ai.llmd.epp.application.ttft;

import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.scheduling.scorer.LatencyObservationScorer;
import java.util.List;

/** What observes latencies from outside, and what scores by them. */
public final class TtftPlugins implements PluginCatalogue {

  @Override
  public List<PluginType<?>> types() {
    return List.of(TtftObserver.TYPE, LatencyObservationScorer.TYPE);
  }
}
