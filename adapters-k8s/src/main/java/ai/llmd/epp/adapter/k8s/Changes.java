package ai.llmd.epp.adapter.k8s;

import java.util.HashSet;
import java.util.Set;

/**
 * What has changed since the last read, without the changes themselves: whoever looks reads the
 * state as it is then. So a burst costs one look, an object that flaps is looked at once, and
 * nothing piles up beyond the number of pods.
 */
final class Changes {

  /**
   * What to look at.
   *
   * @param pods keys of pods, of no meaning when {@code hasAllChanged}
   * @param hasAllChanged whether everything may have changed
   */
  record Batch(Set<String> pods, boolean hasAllChanged) {}

  // guarded by this
  private Set<String> pods = new HashSet<>();
  private boolean hasAllChanged;
  private boolean hasOther;
  private boolean isClosed;

  synchronized void pod(String key) {
    pods.add(key);
    notifyAll();
  }

  /** Something that is looked at in any case: a pool, an objective, a rewrite. */
  synchronized void other() {
    hasOther = true;
    notifyAll();
  }

  synchronized void all() {
    hasAllChanged = true;
    notifyAll();
  }

  synchronized void close() {
    isClosed = true;
    notifyAll();
  }

  synchronized boolean isClosed() {
    return isClosed;
  }

  /**
   * Waits for a change and takes everything that has changed.
   *
   * @return an empty batch when closed
   */
  synchronized Batch take() throws InterruptedException {
    while (!isClosed && !hasAllChanged && !hasOther && pods.isEmpty()) {
      wait();
    }
    Batch taken = new Batch(pods, hasAllChanged);
    pods = new HashSet<>();
    hasAllChanged = false;
    hasOther = false;
    return taken;
  }
}
