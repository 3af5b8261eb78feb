package ai.llmd.epp.domain.plugins;

import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.flow.eviction.PriorityThenTimeEviction;
import ai.llmd.epp.domain.flow.eviction.SheddableEvictionFilter;
import ai.llmd.epp.domain.flow.fairness.GlobalStrictFairness;
import ai.llmd.epp.domain.flow.fairness.ProgramAwareFairness;
import ai.llmd.epp.domain.flow.fairness.RoundRobinFairness;
import ai.llmd.epp.domain.flow.limit.PriorityHoldback;
import ai.llmd.epp.domain.flow.limit.SoftReflectiveCeiling;
import ai.llmd.epp.domain.flow.limit.StaticUsageLimit;
import ai.llmd.epp.domain.flow.ordering.EdfOrdering;
import ai.llmd.epp.domain.flow.ordering.FcfsOrdering;
import ai.llmd.epp.domain.flow.ordering.SloDeadlineOrdering;
import ai.llmd.epp.domain.saturation.detector.ConcurrencyDetector;
import ai.llmd.epp.domain.saturation.detector.UtilizationDetector;
import ai.llmd.epp.domain.scheduling.admitter.LatencySloAdmitter;
import ai.llmd.epp.domain.scheduling.admitter.ProbabilisticAdmitter;
import ai.llmd.epp.domain.scheduling.decider.AlwaysDisaggDecider;
import ai.llmd.epp.domain.scheduling.decider.MultimodalDecider;
import ai.llmd.epp.domain.scheduling.decider.PrefixBasedDecider;
import ai.llmd.epp.domain.scheduling.filter.ByLabelFilter;
import ai.llmd.epp.domain.scheduling.filter.ContextLengthAware;
import ai.llmd.epp.domain.scheduling.filter.EndpointAttributeFilter;
import ai.llmd.epp.domain.scheduling.filter.HeaderBasedTestingFilter;
import ai.llmd.epp.domain.scheduling.filter.LabelSelectorFilter;
import ai.llmd.epp.domain.scheduling.filter.PrefixCacheAffinityFilter;
import ai.llmd.epp.domain.scheduling.filter.RoleFilter;
import ai.llmd.epp.domain.scheduling.filter.SloHeadroomTierFilter;
import ai.llmd.epp.domain.scheduling.filter.TopologyAffinityFilter;
import ai.llmd.epp.domain.scheduling.filter.UtilizationFilter;
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
import ai.llmd.epp.domain.scheduling.scorer.EndpointAttributeScorer;
import ai.llmd.epp.domain.scheduling.scorer.HeaderLabelAffinityScorer;
import ai.llmd.epp.domain.scheduling.scorer.KvCacheUtilizationScorer;
import ai.llmd.epp.domain.scheduling.scorer.LatencyScorer;
import ai.llmd.epp.domain.scheduling.scorer.LoadAwareScorer;
import ai.llmd.epp.domain.scheduling.scorer.LoraAffinityScorer;
import ai.llmd.epp.domain.scheduling.scorer.MmEmbeddingsCacheScorer;
import ai.llmd.epp.domain.scheduling.scorer.MulticlusterKvCacheUtilizationScorer;
import ai.llmd.epp.domain.scheduling.scorer.MulticlusterQueueScorer;
import ai.llmd.epp.domain.scheduling.scorer.NoHitLruScorer;
import ai.llmd.epp.domain.scheduling.scorer.PrefixCacheScorer;
import ai.llmd.epp.domain.scheduling.scorer.QueueScorer;
import ai.llmd.epp.domain.scheduling.scorer.RunningRequestsSizeScorer;
import ai.llmd.epp.domain.scheduling.scorer.TokenLoadScorer;
import ai.llmd.epp.domain.scheduling.scorer.TopologyAffinityScorer;
import ai.llmd.epp.domain.scheduling.session.SessionAffinityFilter;
import ai.llmd.epp.domain.scheduling.session.SessionAffinityScorer;
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
          RoleFilter.DECODE_TYPE,
          RoleFilter.PREFILL_TYPE,
          RoleFilter.ENCODE_TYPE,
          ByLabelFilter.TYPE,
          TopologyAffinityFilter.TYPE,
          UtilizationFilter.TYPE,
          EndpointAttributeFilter.TYPE,
          PrefixCacheAffinityFilter.TYPE,
          SloHeadroomTierFilter.TYPE,
          ContextLengthAware.TYPE,
          SessionAffinityFilter.TYPE,
          SessionAffinityFilter.MULTICLUSTER_TYPE,
          SessionAffinityScorer.TYPE,
          LatencySloAdmitter.TYPE,
          ProbabilisticAdmitter.TYPE,
          UtilizationDetector.TYPE,
          ConcurrencyDetector.TYPE,
          QueueScorer.TYPE,
          RunningRequestsSizeScorer.TYPE,
          KvCacheUtilizationScorer.TYPE,
          LoadAwareScorer.TYPE,
          ActiveRequestScorer.TYPE,
          TokenLoadScorer.TYPE,
          PrefixCacheScorer.TYPE,
          PrefixCacheScorer.MULTICLUSTER_TYPE,
          NoHitLruScorer.TYPE,
          MmEmbeddingsCacheScorer.TYPE,
          LoraAffinityScorer.TYPE,
          HeaderLabelAffinityScorer.TYPE,
          TopologyAffinityScorer.TYPE,
          EndpointAttributeScorer.TYPE,
          LatencyScorer.TYPE,
          MulticlusterQueueScorer.TYPE,
          MulticlusterKvCacheUtilizationScorer.TYPE,
          MaxScorePicker.TYPE,
          RandomPicker.TYPE,
          WeightedRandomPicker.TYPE,
          FcfsOrdering.TYPE,
          EdfOrdering.TYPE,
          SloDeadlineOrdering.TYPE,
          GlobalStrictFairness.TYPE,
          RoundRobinFairness.TYPE,
          ProgramAwareFairness.TYPE,
          StaticUsageLimit.TYPE,
          PriorityHoldback.TYPE,
          SoftReflectiveCeiling.TYPE,
          SheddableEvictionFilter.TYPE,
          PriorityThenTimeEviction.TYPE);

  @Override
  public List<PluginType<?>> types() {
    return BUILT_IN;
  }
}
