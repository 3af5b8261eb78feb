package ai.llmd.epp.configuration;

import ai.llmd.epp.commandline.GoDuration;
import ai.llmd.epp.configuration.EffectiveConfiguration.Stages;
import ai.llmd.epp.domain.flow.BandSettings;
import ai.llmd.epp.domain.flow.FlowSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Section {@code flowControl} as a tree, with every default written out. */
final class FlowControlTree {

  private FlowControlTree() {}

  static Map<String, @Nullable Object> of(Stages stages) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("saturationDetector", ExplainedConfiguration.reference(stages.saturationDetector()));
    FlowSettings flow = stages.flow();
    if (flow != null) {
      fields.put("maxRequests", flow.maxRequests());
      fields.put("maxBytes", flow.maxBytes());
      fields.put("defaultRequestTTL", duration(flow.otherBand().ttlNanos()));
      fields.put("noEndpointRequestTTL", duration(flow.noEndpointTtlNanos()));
      fields.put("usageLimitPolicyPluginRef", flow.usageLimit().name());
      fields.put("enableEviction", stages.isEvicting());
      fields.put("defaultPriorityBand", band(flow.otherBand()));
      fields.put("defaultNegativePriorityBand", band(flow.otherNegativeBand()));
      fields.put("priorityBands", bands(flow));
    }
    return fields;
  }

  private static List<Map<String, @Nullable Object>> bands(FlowSettings flow) {
    List<Map<String, @Nullable Object>> bands = new ArrayList<>();
    flow.bands().entrySet().stream()
        .sorted(Map.Entry.comparingByKey(Comparator.reverseOrder()))
        .forEach(
            entry -> {
              Map<String, @Nullable Object> fields = new LinkedHashMap<>();
              fields.put("priority", entry.getKey());
              fields.putAll(band(entry.getValue()));
              bands.add(fields);
            });
    return bands;
  }

  private static Map<String, @Nullable Object> band(BandSettings band) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("maxRequests", band.maxRequests());
    fields.put("maxBytes", band.maxBytes());
    fields.put("defaultRequestTTL", duration(band.ttlNanos()));
    fields.put("fairnessPolicyRef", band.fairness().name());
    fields.put("orderingPolicyRef", band.ordering().name());
    return fields;
  }

  private static String duration(long nanos) {
    return GoDuration.format(Duration.ofNanos(nanos));
  }
}
