package ai.llmd.epp.adapter.telemetry.plugin;

import java.util.Collection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which instances may have series. A removed one may still have requests under way, whose ends must
 * not bring its series back. Any thread.
 */
final class ShownPlugins {

  private volatile @Nullable Set<String> inForce; // null before the configuration has changed

  void changed(Collection<String> names) {
    inForce = Set.copyOf(names);
  }

  boolean shows(String instance) {
    Set<String> names = inForce;
    return names == null || names.contains(instance);
  }
}
