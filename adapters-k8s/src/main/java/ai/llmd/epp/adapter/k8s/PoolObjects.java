package ai.llmd.epp.adapter.k8s;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The objects of one kind that are about the pool, translated, and handed over when they differ.
 * One thread.
 *
 * @param <T> the object
 * @param <V> what it means
 */
final class PoolObjects<T extends HasMetadata, V> {

  private final Mirror<? extends T> mirror;
  private final Predicate<T> isAboutThePool;
  private final Function<List<T>, List<V>> translation;
  private final Consumer<List<V>> keep;

  private List<V> kept = List.of();

  PoolObjects(
      Mirror<? extends T> mirror,
      Predicate<T> isAboutThePool,
      Function<List<T>, List<V>> translation,
      Consumer<List<V>> keep) {
    this.mirror = mirror;
    this.isAboutThePool = isAboutThePool;
    this.translation = translation;
    this.keep = keep;
  }

  /** Whether they are known, or known not to be had. */
  boolean isSettled() {
    return mirror.isSettled();
  }

  /**
   * Hands over what has changed.
   *
   * @param hasPool what is about no pool means nothing
   */
  void reconcile(boolean hasPool) {
    List<V> wanted = hasPool ? translation.apply(current()) : List.of();
    if (!wanted.equals(kept)) {
      keep.accept(wanted);
      kept = wanted;
    }
  }

  private List<T> current() {
    return mirror.list().stream()
        .<T>map(object -> object)
        .filter(object -> object.getMetadata().getDeletionTimestamp() == null)
        .filter(isAboutThePool)
        .toList();
  }
}
