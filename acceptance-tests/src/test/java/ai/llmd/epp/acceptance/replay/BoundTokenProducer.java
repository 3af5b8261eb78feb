package ai.llmd.epp.acceptance.replay;

import ai.llmd.epp.application.port.out.LocalChanges;
import ai.llmd.epp.application.port.out.PrefixObserver;
import ai.llmd.epp.application.producer.PrefixRecorder;
import ai.llmd.epp.application.producer.TokenProducer;
import ai.llmd.epp.configuration.ConfigurationDocument;
import ai.llmd.epp.configuration.ConfigurationLoader;
import ai.llmd.epp.configuration.plugin.PluginRegistry;
import ai.llmd.epp.configuration.plugin.PluginServices;
import ai.llmd.epp.domain.pool.SampleAge;
import ai.llmd.epp.domain.state.SharedState;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.YamlSource;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The token producer as a configuration with its parameters would build it. */
final class BoundTokenProducer {

  private BoundTokenProducer() {}

  static TokenProducer with(@Nullable JsonNode parameters) {
    String text =
        """
        apiVersion: llm-d.ai/v1alpha1
        kind: EndpointPickerConfig
        plugins:
        - type: token-producer
          parameters: %s
        - type: random-picker
        schedulingProfiles:
        - name: default
          plugins:
          - pluginRef: random-picker
        """
            .formatted(parameters == null ? "{}" : parameters);
    try (PrefixRecorder recorder = new PrefixRecorder(1, failure -> {})) {
      return new ConfigurationLoader(PluginRegistry.discover(), false)
              .load(
                  ConfigurationDocument.read(new YamlSource("epp.yaml", text)),
                  PluginServices.of(
                      Map.of(
                          SharedState.class,
                          new SharedState(SharedState.Budget.DEFAULT),
                          LocalChanges.class,
                          LocalChanges.NONE,
                          PrefixRecorder.class,
                          recorder,
                          PrefixObserver.class,
                          PrefixObserver.NONE,
                          SampleAge.class,
                          SampleAge.BY_CLOCK,
                          RandomGenerator.class,
                          new Random(1))))
              .plugins()
              .stream()
              .map(named -> named.plugin())
              .filter(TokenProducer.class::isInstance)
              .map(TokenProducer.class::cast)
              .findFirst()
              .orElseThrow();
    } catch (InvalidDocumentException e) {
      throw new AssertionError(e);
    }
  }
}
