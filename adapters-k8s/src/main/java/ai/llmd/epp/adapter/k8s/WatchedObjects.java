package ai.llmd.epp.adapter.k8s;

import ai.llmd.epp.application.port.out.objects.ObjectKind;
import ai.llmd.epp.application.port.out.objects.ObjectWatch;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Follows the kinds of objects that the configuration in force asks for, and hands them to the
 * plugins that learn from them. One thread does all of it; a kind that may not be read delays no
 * other.
 */
final class WatchedObjects implements AutoCloseable {

  private final Supplier<List<ObjectWatch>> wanted;
  private final Supervisor supervisor;
  private final Mirrors mirrors;
  private final long lookEveryMillis;
  private final Map<ObjectKind, FollowedKind> followed = new HashMap<>(); // the thread's
  private final Thread thread = Thread.ofVirtual().name("kubernetes-objects").unstarted(this::run);

  private final Semaphore changes = new Semaphore(0);
  private volatile boolean isClosed;

  /**
   * @param wanted what the configuration in force asks for; cheap, asked again and again
   * @param supervisor looks after the copies
   */
  WatchedObjects(
      Supplier<List<ObjectWatch>> wanted,
      Supervisor supervisor,
      Mirrors mirrors,
      MirrorSettings settings) {
    this.wanted = wanted;
    this.supervisor = supervisor;
    this.mirrors = mirrors;
    this.lookEveryMillis = settings.superviseEvery().toMillis();
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      while (!isClosed) {
        adjust(wanted.get());
        followed.values().forEach(FollowedKind::deliver);
        awaitChange();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void adjust(List<ObjectWatch> watches) {
    Set<ObjectKind> kinds = new HashSet<>();
    for (ObjectWatch watch : watches) {
      kinds.add(watch.kind());
      followed.computeIfAbsent(watch.kind(), this::follow).use(watch.listeners());
    }
    followed
        .values()
        .removeIf(
            kind -> {
              boolean isOver = !kinds.contains(kind.kind());
              if (isOver) {
                supervisor.remove(kind.mirror());
              }
              return isOver;
            });
  }

  private FollowedKind follow(ObjectKind kind) {
    FollowedKind fresh = new FollowedKind(kind, this::changed, mirrors);
    supervisor.add(fresh.mirror());
    return fresh;
  }

  private void changed() {
    changes.release();
  }

  /** Returns after a change, or when it is time to look what the configuration asks for. */
  private void awaitChange() throws InterruptedException {
    boolean _ = changes.tryAcquire(lookEveryMillis, TimeUnit.MILLISECONDS);
    int _ = changes.drainPermits();
  }

  /** Plugins are called no more on return. */
  @Override
  public void close() {
    isClosed = true;
    changes.release();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
