package ai.llmd.epp.replication.send;

import ai.llmd.epp.application.port.in.ShareQueues;
import ai.llmd.epp.domain.flow.BandLoad;
import ai.llmd.epp.replication.batch.BatchWriter;
import java.util.HashMap;
import java.util.Map;

/**
 * Announces what is queued in this replica, band by band: changes as they happen, all of it with
 * the heartbeat. The sender's thread only.
 */
final class QueueAnnouncer {

  private final Outbox outbox;
  private final ShareQueues queues;
  private Map<Integer, BandLoad> announced = Map.of();

  QueueAnnouncer(Outbox outbox, ShareQueues queues) {
    this.outbox = outbox;
    this.queues = queues;
  }

  void announceChanges() {
    if (!queues.takeQueuesChanged()) {
      return;
    }
    Map<Integer, BandLoad> before = announced;
    Map<Integer, BandLoad> changed = new HashMap<>();
    announced = queues.queued();
    before.keySet().forEach(priority -> changed.put(priority, BandLoad.NONE));
    changed.putAll(announced);
    changed.forEach(
        (priority, load) -> {
          if (!load.equals(before.get(priority))) {
            outbox.add(batch -> batch.queue(priority, load));
          }
        });
  }

  /** Adds every band in which something is queued. */
  void addAll(BatchWriter batch) {
    announced = queues.queued();
    announced.forEach(batch::queue);
  }
}
