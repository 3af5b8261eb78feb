package ai.llmd.epp.application.producer;

import ai.llmd.epp.application.metrics.EndpointNotificationSource;
import ai.llmd.epp.application.metrics.KubernetesNotificationSource;
import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.catalogue.PluginType;
import java.util.List;

/** Every plugin of this module. */
public final class ApplicationPlugins implements PluginCatalogue {

  @Override
  public List<PluginType<?>> types() {
    return List.of(
        ApproxPrefixCacheProducer.TYPE,
        ApproxPrefixCacheProducer.MULTICLUSTER_TYPE,
        InflightLoadProducer.TYPE,
        MmEmbeddingsCacheProducer.TYPE,
        P2pSourceProducer.TYPE,
        SessionIdProducer.TYPE,
        TopologyExtractor.TYPE,
        AgentIdentity.TYPE,
        EndpointNotificationSource.TYPE,
        KubernetesNotificationSource.TYPE);
  }
}
