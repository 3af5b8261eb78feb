package ai.llmd.epp.adapter.k8s;

import ai.llmd.epp.adapter.k8s.connection.ApiConnection;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Looks after the copies: one thread probes the API server, another ends the watches that are dead
 * and replaces those that have ended or may have missed something.
 */
final class Supervisor implements AutoCloseable {

  private final ApiServerContact contact;
  private final ApiConnection connection;
  private final MirrorSettings settings;
  private final List<Mirror<?>> mirrors = new CopyOnWriteArrayList<>();
  private final Queue<Mirror<?>> leaving = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean mustList = new AtomicBoolean();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread probing = Thread.ofVirtual().name("kubernetes-probe").unstarted(this::probe);
  private final Thread watching =
      Thread.ofVirtual().name("kubernetes-supervisor").unstarted(this::watch);

  Supervisor(ApiServerContact contact, ApiConnection connection, MirrorSettings settings) {
    this.contact = contact;
    this.connection = connection;
    this.settings = settings;
  }

  void start() {
    probing.start();
    watching.start();
  }

  /** Looks after this one, too, which then begins to list. */
  <T extends HasMetadata> Mirror<T> add(Mirror<T> mirror) {
    mirrors.add(mirror);
    return mirror;
  }

  /** Looks after this one no more, and ends its watch. */
  void remove(Mirror<?> mirror) {
    mirrors.remove(mirror);
    leaving.add(mirror);
  }

  List<Mirror<?>> mirrors() {
    return mirrors;
  }

  /** Waits, but not once closed; returns whether it is. */
  boolean isClosedWithin(long millis) throws InterruptedException {
    return closed.await(millis, TimeUnit.MILLISECONDS);
  }

  private void probe() {
    try {
      do {
        if (contact.ask()) {
          mustList.set(true);
        }
      } while (!isClosedWithin(settings.probeEvery().toMillis()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void watch() {
    try {
      boolean isPending = true;
      while (!isClosedWithin(
          (isPending ? settings.awaitEvery() : settings.superviseEvery()).toMillis())) {
        boolean anew = mustList.getAndSet(false);
        connection.endDeadWatches();
        mirrors.forEach(mirror -> mirror.supervise(anew));
        closeLeaving();
        isPending = mirrors.isEmpty() || mirrors.stream().anyMatch(Mirror::isPending);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    mirrors.forEach(Mirror::close);
    closeLeaving();
  }

  private void closeLeaving() {
    for (Mirror<?> mirror = leaving.poll(); mirror != null; mirror = leaving.poll()) {
      mirror.close();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    probing.interrupt();
  }
}
