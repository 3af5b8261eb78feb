package ai.llmd.epp.adapter.metrics.scrape;

import ai.llmd.epp.adapter.metrics.scrape.MetricsExtractor.LoadReading;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.LoadFields;
import ai.llmd.epp.domain.pool.Endpoint;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Reads queue lengths, running requests, KV-cache use and geometry, LoRA adapters and custom values
 * from the page of an inference engine. Which engine an endpoint runs is given by one of its
 * labels; no label, or an unknown engine, means the default engine.
 */
public final class CoreMetricsExtractor implements MetricsExtractor {

  private static final String NAME = "core-metrics-extractor";

  public static final PluginType<Parameters> TYPE =
      PluginType.of(NAME, Parameters.DEFAULTS, CoreMetricsExtractor::new);

  private static final String OLD_ENGINE_LABEL = "inference.networking.k8s.io/engine-type";

  /**
   * Which engines there are.
   *
   * @param engineLabelKey label of an endpoint that names its engine
   * @param defaultEngine the engine of endpoints without the label, or with an unknown value
   * @param engineConfigs further engines; one with a built-in's name replaces all of it
   */
  public record Parameters(
      String engineLabelKey, String defaultEngine, List<EngineConfig> engineConfigs) {

    public static final Parameters DEFAULTS =
        new Parameters("llm-d.ai/engine-type", "vllm", List.of());

    public Parameters {
      engineConfigs = List.copyOf(engineConfigs);
      if (!readings(engineConfigs).containsKey(defaultEngine)) {
        throw new IllegalArgumentException(
            "defaultEngine \"" + defaultEngine + "\" not found in engineConfigs");
      }
    }
  }

  private final String engineLabelKey;
  private final Map<String, EngineReading> readings;
  private final LoadReading defaultReading;

  public CoreMetricsExtractor(Parameters parameters) {
    engineLabelKey = parameters.engineLabelKey();
    readings = Map.copyOf(readings(parameters.engineConfigs()));
    defaultReading = Objects.requireNonNull(readings.get(parameters.defaultEngine()));
  }

  @Override
  public String type() {
    return NAME;
  }

  /** Five keys of the load sample, and one for each custom metric of any engine. */
  @Override
  public Set<FactKey<?>> produces() {
    Set<FactKey<?>> keys = new HashSet<>(LoadFields.ALL);
    for (EngineReading reading : readings.values()) {
      for (String attribute : reading.attributes()) {
        String dataType = attribute.substring(0, attribute.length() - type().length() - 1);
        keys.add(new FactKey<>(dataType, type(), Void.class));
      }
    }
    return Set.copyOf(keys);
  }

  @Override
  public LoadReading readingFor(Endpoint endpoint) {
    String engine = endpoint.labels().getOrDefault(engineLabelKey, "");
    if (engine.isEmpty()) {
      engine = endpoint.labels().getOrDefault(OLD_ENGINE_LABEL, "");
    }
    LoadReading reading = readings.get(engine);
    return reading == null ? defaultReading : reading;
  }

  private static Map<String, EngineReading> readings(List<EngineConfig> configured) {
    Map<String, EngineReading> readings = new HashMap<>();
    for (EngineConfig engine : configured) {
      String name = engine.name();
      if (name.isEmpty()) {
        throw new IllegalArgumentException("engine config name cannot be empty");
      }
      if (name.equals("default")) {
        throw new IllegalArgumentException("engine config name cannot be \"default\" (reserved)");
      }
      if (readings.put(name, readingOf(engine)) != null) {
        throw new IllegalArgumentException(
            "failed to register engine mapping for \""
                + name
                + "\": mapping for engine type \""
                + name
                + "\" already exists");
      }
    }
    for (EngineConfig engine : EngineConfig.BUILT_IN) {
      readings.computeIfAbsent(engine.name(), name -> readingOf(engine));
    }
    return readings;
  }

  private static EngineReading readingOf(EngineConfig engine) {
    try {
      return new EngineReading(engine, NAME);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "failed to create mapping for engine \"" + engine.name() + "\": " + e.getMessage(), e);
    }
  }
}
