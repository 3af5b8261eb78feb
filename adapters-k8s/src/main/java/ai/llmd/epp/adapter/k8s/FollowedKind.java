package ai.llmd.epp.adapter.k8s;

import ai.llmd.epp.application.port.out.objects.ObjectKind;
import ai.llmd.epp.application.port.out.objects.ObjectListener;
import ai.llmd.epp.application.port.out.objects.WatchedObject;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The objects of one kind, and what plugins know of them. One thread delivers; changes are noted by
 * any. An object that changes twice between two deliveries is delivered once.
 */
final class FollowedKind {

  private static final Logger log = LoggerFactory.getLogger(FollowedKind.class);

  private final ObjectKind kind;
  private final Runnable wake;
  private final Mirror<GenericKubernetesResource> mirror;
  private final KubernetesSerialization json;

  // the delivering thread's
  private final Map<String, String> delivered = new HashMap<>(); // versions by key
  private List<ObjectListener> listeners = List.of();

  // guarded by this
  private Set<String> changed = new HashSet<>();
  private boolean hasAllChanged;

  /**
   * @param wake called when there is something to deliver
   */
  FollowedKind(ObjectKind kind, Runnable wake, Mirrors mirrors) {
    this.kind = kind;
    this.wake = wake;
    this.mirror = mirrors.objects(kind, this::changed, this::allChanged);
    this.json = mirrors.connection().client().getKubernetesSerialization();
  }

  ObjectKind kind() {
    return kind;
  }

  Mirror<GenericKubernetesResource> mirror() {
    return mirror;
  }

  private void changed(String key) {
    synchronized (this) {
      changed.add(key);
    }
    wake.run();
  }

  private void allChanged() {
    synchronized (this) {
      hasAllChanged = true;
    }
    wake.run();
  }

  /** Who learns from now on; those who are new get what the others know. */
  void use(List<ObjectListener> now) {
    if (now.equals(listeners)) {
      return;
    }
    List<ObjectListener> fresh = now.stream().filter(one -> !listeners.contains(one)).toList();
    listeners = now;
    for (String key : delivered.keySet()) {
      GenericKubernetesResource object = mirror.get(key);
      if (object != null) {
        tell(fresh, view(object));
      }
    }
  }

  /** Hands over what has changed since the last time. */
  void deliver() {
    Set<String> keys;
    synchronized (this) {
      keys = changed;
      changed = new HashSet<>();
      if (hasAllChanged) {
        keys.addAll(delivered.keySet());
        mirror.list().forEach(object -> keys.add(Cache.metaNamespaceKeyFunc(object)));
      }
      hasAllChanged = false;
    }
    if (mirror.isSynced()) {
      keys.forEach(this::deliver);
    }
  }

  private void deliver(String key) {
    GenericKubernetesResource object = mirror.get(key);
    if (object == null) {
      if (delivered.remove(key) != null) {
        int slash = key.indexOf('/');
        String namespace = slash < 0 ? "" : key.substring(0, slash);
        each(listeners, one -> one.deleted(kind, namespace, key.substring(slash + 1)));
      }
      return;
    }
    String version = Objects.requireNonNullElse(object.getMetadata().getResourceVersion(), "");
    if (!version.equals(delivered.put(key, version))) {
      tell(listeners, view(object));
    }
  }

  private static void tell(List<ObjectListener> listeners, WatchedObject object) {
    each(listeners, one -> one.changed(object));
  }

  private static void each(List<ObjectListener> listeners, Consumer<ObjectListener> call) {
    for (ObjectListener listener : listeners) {
      try {
        call.accept(listener);
      } catch (RuntimeException | LinkageError e) { // a stranger's plugin must not stop the others
        log.atError()
            .addKeyValue("plugin", listener.type())
            .setCause(e)
            .log("plugin failed at an object of Kubernetes");
      }
    }
  }

  @SuppressWarnings("unchecked") // an object in JSON is a map of texts to whatever there is
  private WatchedObject view(GenericKubernetesResource object) {
    ObjectMeta meta = object.getMetadata();
    Map<String, Object> content = json.convertValue(object, Map.class);
    return new WatchedObject(
        kind, text(meta.getNamespace()), text(meta.getName()), labels(meta), content);
  }

  private static Map<String, String> labels(ObjectMeta meta) {
    return Objects.requireNonNullElse(meta.getLabels(), Map.of());
  }

  private static String text(@Nullable String text) {
    return Objects.requireNonNullElse(text, "");
  }
}
