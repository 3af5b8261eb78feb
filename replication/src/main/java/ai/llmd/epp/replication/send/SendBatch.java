package ai.llmd.epp.replication.send;

import java.util.List;

/**
 * Batches for one append.
 *
 * @param batches encoded, retransmissions first
 * @param upTo highest sequence number among the new ones; 0 when there are none
 * @param retransmissions queued retransmissions that this settles, those of batches that are gone
 *     included
 */
public record SendBatch(List<byte[]> batches, long upTo, int retransmissions, long bytes) {

  public boolean isEmpty() {
    return batches.isEmpty();
  }
}
