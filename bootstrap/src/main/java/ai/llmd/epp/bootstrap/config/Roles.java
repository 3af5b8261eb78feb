package ai.llmd.epp.bootstrap.config;

import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.application.port.out.EndpointDiscovery;
import ai.llmd.epp.application.producer.Producer;
import ai.llmd.epp.application.producer.RequestIdentifier;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.saturation.SaturationDetector;
import ai.llmd.epp.domain.scheduling.Decider;
import ai.llmd.epp.domain.scheduling.Filter;
import ai.llmd.epp.domain.scheduling.Picker;
import ai.llmd.epp.domain.scheduling.ProfileHandler;
import ai.llmd.epp.domain.scheduling.Scorer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** What plugins can be, in the words of the configuration. */
final class Roles {

  private final Map<String, Class<?>> kinds = new LinkedHashMap<>();

  Roles(PluginKinds others) {
    kinds.put("endpoint discovery", EndpointDiscovery.class);
    kinds.put("data source", others.dataSource());
    kinds.put("extractor", others.extractor());
    kinds.put("request parser", RequestParser.class);
    kinds.put("saturation detector", SaturationDetector.class);
    kinds.put("request identifier", RequestIdentifier.class);
    kinds.put("data producer", Producer.class);
    kinds.put("profile handler", ProfileHandler.class);
    kinds.put("decider", Decider.class);
    kinds.put("filter", Filter.class);
    kinds.put("scorer", Scorer.class);
    kinds.put("picker", Picker.class);
    kinds.put("pre-request", PreRequest.class);
  }

  /** All roles of a plugin, separated by commas. */
  String of(Plugin plugin) {
    String roles =
        kinds.entrySet().stream()
            .filter(kind -> kind.getValue().isInstance(plugin))
            .map(Map.Entry::getKey)
            .collect(Collectors.joining(", "));
    return roles.isEmpty() ? "no role in this version" : roles;
  }
}
