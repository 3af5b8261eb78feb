package ai.llmd.epp.adapter.k8s;

import ai.llmd.epp.adapter.k8s.api.InferenceModelRewriteResource;
import ai.llmd.epp.adapter.k8s.api.InferenceObjectiveResource;
import ai.llmd.epp.adapter.k8s.api.InferencePool;
import ai.llmd.epp.adapter.k8s.api.LegacyInferenceModelRewriteResource;
import ai.llmd.epp.adapter.k8s.api.LegacyInferenceObjectiveResource;
import ai.llmd.epp.adapter.k8s.connection.ApiConnection;
import ai.llmd.epp.application.port.out.objects.ObjectKind;
import io.fabric8.kubernetes.api.Pluralize;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Makes a copy for each kind that is followed, within the pool's namespace. */
record Mirrors(
    ApiConnection connection,
    String namespace,
    Changes changes,
    MirrorSettings settings,
    LongSupplier nanoClock) {

  private static final long NO_RESYNC = 0; // whoever receives a change reads the state

  /** All pods, whatever their labels, so that a changed selector finds them at once. */
  Mirror<Pod> pods() {
    return mirror(
        "pods",
        () ->
            connection
                .client()
                .pods()
                .inNamespace(namespace)
                .runnableInformer(NO_RESYNC)
                .itemStore(new PodStore()),
        changes::pod);
  }

  Mirror<InferencePool> pool(String name) {
    return mirror(
        "inferencepools",
        () ->
            connection
                .client()
                .resources(InferencePool.class)
                .inNamespace(namespace)
                .withField("metadata.name", name)
                .runnableInformer(NO_RESYNC),
        key -> changes.other());
  }

  Mirror<? extends InferenceObjectiveResource> objectives(boolean isLegacy) {
    return isLegacy
        ? all(ServedKinds.OBJECTIVES, LegacyInferenceObjectiveResource.class)
        : all(ServedKinds.OBJECTIVES, InferenceObjectiveResource.class);
  }

  Mirror<? extends InferenceModelRewriteResource> rewrites(boolean isLegacy) {
    return isLegacy
        ? all(ServedKinds.REWRITES, LegacyInferenceModelRewriteResource.class)
        : all(ServedKinds.REWRITES, InferenceModelRewriteResource.class);
  }

  /** Objects of a kind that a plugin learns from. */
  Mirror<GenericKubernetesResource> objects(
      ObjectKind kind, Consumer<String> changed, Runnable replaced) {
    String plural = Pluralize.toPlural(kind.kind().toLowerCase(Locale.ROOT));
    ResourceDefinitionContext definition =
        new ResourceDefinitionContext.Builder()
            .withGroup(kind.group())
            .withVersion(kind.version())
            .withKind(kind.kind())
            .withPlural(plural)
            .withNamespaced(true)
            .build();
    return new Mirror<>(
        plural,
        connection,
        () ->
            connection
                .client()
                .genericKubernetesResources(definition)
                .inNamespace(namespace)
                .runnableInformer(NO_RESYNC),
        changed,
        replaced,
        settings,
        nanoClock);
  }

  private <T extends HasMetadata> Mirror<T> all(String kind, Class<T> type) {
    return mirror(
        kind,
        () ->
            connection.client().resources(type).inNamespace(namespace).runnableInformer(NO_RESYNC),
        key -> changes.other());
  }

  private <T extends HasMetadata> Mirror<T> mirror(
      String kind, Supplier<SharedIndexInformer<T>> informers, Consumer<String> changed) {
    return new Mirror<>(kind, connection, informers, changed, changes::all, settings, nanoClock);
  }
}
