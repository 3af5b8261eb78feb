package ai.llmd.epp.replication.state;

import ai.llmd.epp.application.port.in.IndexWriter;
import ai.llmd.epp.domain.state.SharedState;

/**
 * The state of this replica.
 *
 * @param shared what replicas share
 * @param indexes the one thread that writes the prefix indexes of the shared state
 * @param members the pool as it is here
 * @param lives the generations of its endpoints
 */
public record ReplicaState(
    SharedState shared, IndexWriter indexes, PoolMembers members, EndpointLives lives) {

  public ReplicaState(SharedState shared, IndexWriter indexes) {
    this(shared, indexes, new PoolMembers(), new EndpointLives());
  }
}
