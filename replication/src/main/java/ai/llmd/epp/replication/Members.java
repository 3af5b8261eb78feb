package ai.llmd.epp.replication;

import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The pool's present members by identity, by which replicas name them to each other. Any thread.
 */
final class Members {

  private final Map<EndpointId, EndpointState> byId = new ConcurrentHashMap<>();

  void add(EndpointState member) {
    byId.put(member.endpoint().id(), member);
  }

  void remove(EndpointState member) {
    byId.remove(member.endpoint().id(), member);
  }

  @Nullable EndpointState find(EndpointId id) {
    return byId.get(id);
  }

  /** Whether this very life of the endpoint still belongs to the pool. */
  boolean has(EndpointState member) {
    return byId.get(member.endpoint().id()) == member;
  }

  Collection<EndpointState> all() {
    return byId.values();
  }
}
