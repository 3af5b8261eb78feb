package ai.llmd.epp.application.burst;

import ai.llmd.epp.domain.calls.WithoutResultException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The batch that is open, and its end. Any thread. */
final class BurstBatches {

  private final BurstParameters parameters;
  private @Nullable List<BurstEntry> open; // guarded by this

  BurstBatches(BurstParameters parameters) {
    this.parameters = parameters;
  }

  /**
   * Joins the open batch, or begins one that ends after the window.
   *
   * @throws WithoutResultException when it is full
   */
  synchronized void join(BurstEntry entry) {
    List<BurstEntry> batch = open;
    if (batch == null) {
      batch = new ArrayList<>();
      open = batch;
      List<BurstEntry> begun = batch;
      Thread.ofVirtual().name("burst").start(() -> endAfterWindow(begun));
    }
    if (batch.size() >= parameters.most()) {
      throw new WithoutResultException(
          "has a full batch: maxBatchSize " + parameters.most() + " is reached");
    }
    batch.add(entry);
  }

  private void endAfterWindow(List<BurstEntry> batch) {
    try {
      Thread.sleep(parameters.windowDurationMs());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // never; whoever waits must not wait for ever
    }
    synchronized (this) {
      open = null;
    }
    try {
      int[] slots = BurstAssignment.assign(batch, parameters);
      for (int i = 0; i < slots.length; i++) {
        batch.get(i).assigned().complete(slots[i]);
      }
    } catch (RuntimeException | Error e) {
      batch.forEach(entry -> entry.assigned().completeExceptionally(e));
      throw e;
    }
  }
}
