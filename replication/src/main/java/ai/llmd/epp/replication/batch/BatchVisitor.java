package ai.llmd.epp.replication.batch;

import ai.llmd.epp.domain.flow.QueueKey;
import ai.llmd.epp.domain.flow.QueueLoad;
import ai.llmd.epp.domain.health.Claim;
import ai.llmd.epp.domain.latency.StampedObservation;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.state.BindingStamp;
import ai.llmd.epp.domain.state.SessionKey;
import ai.llmd.epp.replication.state.EndpointLife;

/** Receives the contents of a batch, entry by entry, on the reader's thread. */
public interface BatchVisitor {

  void begin(BatchHead head);

  /** An endpoint is mentioned; its lives before this one are over. */
  void endpoint(EndpointLife endpoint);

  /**
   * An endpoint holds blocks.
   *
   * @param producer instance name of the plugin whose index it is
   * @param capacity blocks that the endpoint may hold
   */
  void blocks(String producer, EndpointLife endpoint, int capacity, long[] hashes);

  /** The writer's work in flight on an endpoint, in absolute numbers. */
  void load(String ledger, EndpointLife endpoint, long requests, long tokens);

  /** A session is bound to an endpoint. */
  void session(String plugin, SessionKey session, EndpointId endpoint, BindingStamp stamp);

  /** What the writer holds against an endpoint now, by its own evidence. */
  void claim(EndpointLife endpoint, Claim claim);

  /** What the writer has queued in a priority band, or of a flow, now, and served to the flow. */
  default void queue(QueueKey key, QueueLoad load) {}

  /** Requests of the writer that would have brought an endpoint these blocks never arrived. */
  default void takenBack(String producer, EndpointLife endpoint, long[] hashes) {}

  /**
   * A request to an endpoint took some time.
   *
   * @param producer instance name of the plugin that learns from it
   */
  default void observed(String producer, EndpointLife endpoint, StampedObservation observation) {}

  /** A piece of what a plugin of the writer knows of an endpoint's cache by its events. */
  default void cache(String plugin, EndpointLife endpoint, byte[] piece) {}

  /** The writer of this batch missed batches of another one. */
  void retransmissionRequest(long writer, long from, long to);

  /** The writer missed more than can be retransmitted. */
  void snapshotRequest();

  /** The writer has put a snapshot into the store. */
  void snapshotAvailable();

  /** The snapshot includes a writer's batches up to a sequence number. */
  void progress(long writer, long sequence);

  void end();
}
