package ai.llmd.epp.application.metrics;

import ai.llmd.epp.domain.catalogue.PluginType;
import java.time.Duration;

/**
 * Stands for the coming and going of the pool's endpoints, where a configuration lists the plugins
 * that learn from it. They follow the pool by themselves; nothing is fetched.
 */
public final class EndpointNotificationSource implements DataSource {

  private static final String TYPE_NAME = "endpoint-notification-source";

  public static final PluginType<?> TYPE =
      PluginType.of(TYPE_NAME, EndpointNotificationSource::new);

  @Override
  public String type() {
    return TYPE_NAME;
  }

  @Override
  public boolean feeds(Extractor extractor) {
    return extractor instanceof EndpointExtractor;
  }

  @Override
  public Duration interval() {
    return Duration.ZERO;
  }
}
