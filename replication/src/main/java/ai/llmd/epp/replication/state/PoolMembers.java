package ai.llmd.epp.replication.state;

import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The pool's current members by identity. Any thread. */
public final class PoolMembers {

  private final Map<EndpointId, EndpointState> byId = new ConcurrentHashMap<>();

  public void add(EndpointState member) {
    byId.put(member.endpoint().id(), member);
  }

  public void remove(EndpointState member) {
    byId.remove(member.endpoint().id(), member);
  }

  public @Nullable EndpointState find(EndpointId id) {
    return byId.get(id);
  }

  /** Whether this very life of the endpoint still belongs to the pool. */
  public boolean contains(EndpointState member) {
    return byId.get(member.endpoint().id()) == member;
  }

  /** A live view. */
  public Collection<EndpointState> all() {
    return byId.values();
  }
}
