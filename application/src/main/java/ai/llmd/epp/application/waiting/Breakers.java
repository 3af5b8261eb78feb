package ai.llmd.epp.application.waiting;

import ai.llmd.epp.domain.catalogue.Named;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The breakers of the steps that have ever waited, as many as configurations have plugins. A plugin
 * that a new configuration brings under an old name begins anew. Any thread.
 */
public final class Breakers {

  private record Step(String extensionPoint, String name, String type) {}

  private record Kept(WeakReference<Object> plugin, Breaker breaker) {}

  /**
   * One step as it stands.
   *
   * @param isOpen whether requests do not wait for it
   * @param skipped requests that did not wait for it
   */
  public record Status(
      String extensionPoint, String name, String type, boolean isOpen, long skipped) {}

  private final Map<Step, Kept> steps = new ConcurrentHashMap<>();

  @SuppressWarnings("ReferenceEquality") // another instance is another plugin
  Breaker of(String extensionPoint, Named<?> plugin) {
    Step step = new Step(extensionPoint, plugin.name(), plugin.type());
    @Nullable Kept kept = steps.get(step);
    if (kept != null && kept.plugin().get() == plugin.plugin()) {
      return kept.breaker();
    }
    var fresh = new Kept(new WeakReference<>(plugin.plugin()), new Breaker());
    steps.put(step, fresh);
    return fresh.breaker();
  }

  /** All steps, in no particular order. */
  public List<Status> status() {
    List<Status> all = new ArrayList<>();
    steps.forEach(
        (step, kept) ->
            all.add(
                new Status(
                    step.extensionPoint(),
                    step.name(),
                    step.type(),
                    kept.breaker().isOpen() && kept.plugin().get() != null,
                    kept.breaker().skipped())));
    return all;
  }
}
