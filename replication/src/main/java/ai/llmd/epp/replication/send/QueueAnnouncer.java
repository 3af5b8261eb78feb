package ai.llmd.epp.replication.send;

import ai.llmd.epp.application.port.in.ShareQueues;
import ai.llmd.epp.replication.batch.BatchWriter;

/**
 * Announces what is queued in this replica, band by band and flow by flow: changes as they happen,
 * all of it with the heartbeat. The sender's thread only.
 */
final class QueueAnnouncer {

  /** Of a batch that lists everything, so that it is never too large to be read. */
  private static final int MAX_BYTES = 1 << 19;

  private final Outbox outbox;
  private final ShareQueues queues;

  QueueAnnouncer(Outbox outbox, ShareQueues queues) {
    this.outbox = outbox;
    this.queues = queues;
  }

  void announceChanges() {
    queues.takeChanged().forEach((key, load) -> outbox.add(batch -> batch.queue(key, load)));
  }

  /** Adds every queue with requests, and those that some have left lately. */
  void addAll(BatchWriter batch) {
    queues
        .queued()
        .forEach(
            (key, load) -> {
              if (key.isBand() || batch.size() < MAX_BYTES) {
                batch.queue(key, load);
              }
            });
  }
}
