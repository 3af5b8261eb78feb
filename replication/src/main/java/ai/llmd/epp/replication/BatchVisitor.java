package ai.llmd.epp.replication;

import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.sharing.BindingStamp;
import ai.llmd.epp.domain.sharing.SessionKey;

/** Hears what a batch says, entry by entry. */
interface BatchVisitor {

  void begin(BatchHead head);

  /** An endpoint is spoken of; the lives before this one are over. */
  void endpoint(EndpointLife endpoint);

  /**
   * An endpoint holds blocks.
   *
   * @param producer whose index it is
   * @param capacity blocks that the endpoint may hold
   */
  void blocks(String producer, EndpointLife endpoint, int capacity, long[] hashes);

  /** What the writer has in flight on an endpoint, in all. */
  void load(String ledger, EndpointLife endpoint, long requests, long tokens);

  /** A session is bound to an endpoint. */
  void session(String plugin, SessionKey session, EndpointId endpoint, BindingStamp stamp);

  /** The writer misses batches of another. */
  void resend(long writer, long from, long to);

  /** The writer misses more than can be said again. */
  void snapshotWanted();

  /** The writer has put a snapshot into the store. */
  void snapshotReady();

  /** The snapshot contains what a replica said up to a sequence number. */
  void progress(long writer, long sequence);

  void end();
}
