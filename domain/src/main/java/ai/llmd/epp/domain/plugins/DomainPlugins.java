package ai.llmd.epp.domain.plugins;

import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.saturation.UtilizationDetector;
import ai.llmd.epp.domain.scheduling.decider.AlwaysDisaggDecider;
import ai.llmd.epp.domain.scheduling.decider.MultimodalDecider;
import ai.llmd.epp.domain.scheduling.decider.PrefixBasedDecider;
import ai.llmd.epp.domain.scheduling.filter.HeaderBasedTestingFilter;
import ai.llmd.epp.domain.scheduling.filter.LabelSelectorFilter;
import ai.llmd.epp.domain.scheduling.handler.DataParallelProfileHandler;
import ai.llmd.epp.domain.scheduling.handler.DisaggHeadersHandler;
import ai.llmd.epp.domain.scheduling.handler.DisaggProfileHandler;
import ai.llmd.epp.domain.scheduling.handler.HeaderProfileHandler;
import ai.llmd.epp.domain.scheduling.handler.PdProfileHandler;
import ai.llmd.epp.domain.scheduling.handler.SingleProfileHandler;
import ai.llmd.epp.domain.scheduling.picker.MaxScorePicker;
import ai.llmd.epp.domain.scheduling.picker.RandomPicker;
import ai.llmd.epp.domain.scheduling.picker.WeightedRandomPicker;
import ai.llmd.epp.domain.scheduling.scorer.ActiveRequestScorer;
import ai.llmd.epp.domain.scheduling.scorer.KvCacheUtilizationScorer;
import ai.llmd.epp.domain.scheduling.scorer.LoadAwareScorer;
import ai.llmd.epp.domain.scheduling.scorer.LoraAffinityScorer;
import ai.llmd.epp.domain.scheduling.scorer.PrefixCacheScorer;
import ai.llmd.epp.domain.scheduling.scorer.QueueScorer;
import ai.llmd.epp.domain.scheduling.scorer.RunningRequestsSizeScorer;
import ai.llmd.epp.domain.scheduling.scorer.TokenLoadScorer;
import java.util.List;

/** Every plugin of the domain. A new filter, scorer or picker adds its line here. */
public final class DomainPlugins implements PluginCatalogue {

  private static final List<PluginType<?>> BUILT_IN =
      List.of(
          SingleProfileHandler.TYPE,
          HeaderProfileHandler.TYPE,
          DataParallelProfileHandler.TYPE,
          DisaggProfileHandler.TYPE,
          PdProfileHandler.TYPE,
          DisaggHeadersHandler.TYPE,
          DisaggHeadersHandler.DEPRECATED_TYPE,
          AlwaysDisaggDecider.TYPE,
          MultimodalDecider.TYPE,
          PrefixBasedDecider.TYPE,
          LabelSelectorFilter.TYPE,
          LabelSelectorFilter.DEPRECATED_TYPE,
          HeaderBasedTestingFilter.TYPE,
          UtilizationDetector.TYPE,
          QueueScorer.TYPE,
          RunningRequestsSizeScorer.TYPE,
          KvCacheUtilizationScorer.TYPE,
          LoadAwareScorer.TYPE,
          ActiveRequestScorer.TYPE,
          TokenLoadScorer.TYPE,
          PrefixCacheScorer.TYPE,
          LoraAffinityScorer.TYPE,
          MaxScorePicker.TYPE,
          RandomPicker.TYPE,
          WeightedRandomPicker.TYPE);

  @Override
  public List<PluginType<?>> types() {
    return BUILT_IN;
  }
}
