package ai.llmd.epp.application.metrics;

import ai.llmd.epp.application.port.out.objects.ObjectKind;
import ai.llmd.epp.application.port.out.objects.ObjectListener;
import ai.llmd.epp.application.port.out.objects.ObjectWatch;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.catalogue.PluginType;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Objects of one kind in the pool's namespace, for plugins that learn from them. The picker needs
 * the permission to get, list and watch them. Where endpoints do not come from Kubernetes nothing
 * is watched.
 *
 * <p>The pool's pods need no watch of their own: what is read of them comes with their endpoints,
 * so plugins that learn from endpoints may be listed at a source of pods as well.
 */
public final class KubernetesNotificationSource implements DataSource {

  private static final String TYPE_NAME = "k8s-notification-source";

  public static final PluginType<Parameters> TYPE =
      PluginType.of(TYPE_NAME, new Parameters("", "", ""), KubernetesNotificationSource::new);

  /**
   * Which kind.
   *
   * @param group API group; empty for the core group
   * @param version as in {@code v1}; required
   * @param kind as in {@code Pod}; required
   */
  public record Parameters(String group, String version, String kind) {}

  private final ObjectKind kind;

  /**
   * @throws IllegalArgumentException without a version or a kind
   */
  public KubernetesNotificationSource(Parameters parameters) {
    this.kind = new ObjectKind(parameters.group(), parameters.version(), parameters.kind());
  }

  /** What the sources of a configuration ask to be watched; kinds without a reader are left out. */
  public static List<ObjectWatch> watches(List<BoundSource> sources) {
    return sources.stream()
        .flatMap(KubernetesNotificationSource::watch)
        .filter(watch -> !watch.listeners().isEmpty())
        .toList();
  }

  private static Stream<ObjectWatch> watch(BoundSource bound) {
    if (!(bound.source().plugin() instanceof KubernetesNotificationSource objects)) {
      return Stream.of();
    }
    List<ObjectListener> listeners =
        bound.extractors().stream()
            .map(Named::plugin)
            .filter(ObjectListener.class::isInstance)
            .map(ObjectListener.class::cast)
            .toList();
    return Stream.of(new ObjectWatch(objects.kind, listeners));
  }

  /** What is watched. */
  public ObjectKind kind() {
    return kind;
  }

  @Override
  public String type() {
    return TYPE_NAME;
  }

  @Override
  public boolean feeds(Extractor extractor) {
    return extractor instanceof ObjectExtractor
        || (kind.equals(ObjectKind.POD) && extractor instanceof EndpointExtractor);
  }

  @Override
  public Duration interval() {
    return Duration.ZERO;
  }
}
