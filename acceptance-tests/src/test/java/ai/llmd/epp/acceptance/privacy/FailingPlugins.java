package ai.llmd.epp.acceptance.privacy;

import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.List;

/** Plugins that fail; found like those of a stranger's jar. */
public final class FailingPlugins implements PluginCatalogue {

  @Override
  public List<PluginType<?>> types() {
    return List.of(FailingScorer.TYPE);
  }

  /** Fails at every request. */
  public static final class FailingScorer implements Scorer {

    static final PluginType<?> TYPE = PluginType.of("failing-scorer", FailingScorer::new);

    @Override
    public Scores score(SchedulingCycle cycle) {
      throw new IllegalStateException("fails on purpose for " + cycle.request());
    }
  }
}
