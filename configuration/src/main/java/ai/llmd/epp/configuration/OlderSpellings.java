package ai.llmd.epp.configuration;

import ai.llmd.epp.configuration.ConfigurationFile.DataLayer;
import ai.llmd.epp.configuration.ConfigurationFile.Discovery;
import java.util.ArrayList;
import java.util.List;

/**
 * What a document spells as llm-d-router 0.10 does, and 0.11 spells otherwise. All of it is read,
 * and stays so; {@code epp convert --to v1} rewrites it.
 */
final class OlderSpellings {

  private final List<String> found = new ArrayList<>();

  private OlderSpellings() {}

  /** One line for each: what is written, and what to write instead. */
  static List<String> in(ConfigurationFile file) {
    OlderSpellings older = new OlderSpellings();
    if (file.apiVersion().value().equals(ConfigurationFile.API_VERSION)) {
      older.add("apiVersion " + ConfigurationFile.API_VERSION, ConfigurationFile.NEXT_API_VERSION);
    }
    older.dataLayer(file.dataLayerOrNone());
    return List.copyOf(older.found);
  }

  private void dataLayer(DataLayer dataLayer) {
    Discovery discovery = dataLayer.discovery();
    if (discovery != null && !discovery.pluginRef().isEmpty()) {
      add("dataLayer.discovery.pluginRef", "dataLayer.discovery.endpoints.pluginRef");
    }
    if (dataLayer.peerDiscovery() != null) {
      add("dataLayer.peerDiscovery", "dataLayer.discovery.peers");
    }
    if (!dataLayer.crossReplicaSyncerPluginRef().isEmpty()) {
      add("dataLayer.crossReplicaSyncerPluginRef", "dataLayer.crossReplica.syncerPluginRef");
    }
    if (dataLayer.crossReplicaSyncInterval() != null) {
      add("dataLayer.crossReplicaSyncInterval", "dataLayer.crossReplica.syncInterval");
    }
    if (dataLayer.crossReplicaPublishTimeout() != null) {
      add("dataLayer.crossReplicaPublishTimeout", "dataLayer.crossReplica.publishTimeout");
    }
  }

  private void add(String older, String current) {
    found.add(older + " is read as ever; llm-d-router 0.11 writes " + current);
  }
}
