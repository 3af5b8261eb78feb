package ai.llmd.epp.application.port.in;

import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import java.util.Collection;

/** Takes the pool's membership from whoever discovers it. */
public interface KeepPool {

  /**
   * Makes these the pool's endpoints. Those that stay keep their slots, loads and what was learnt
   * of them; of two with one id the last counts. Any thread, one at a time.
   */
  void keep(Collection<Endpoint> endpoints);

  /**
   * Changes some of the pool's endpoints without a look at the others, so that one pod's change
   * costs the same in a pool of thousands. Any thread, one at a time.
   *
   * @param gone leave; ids that are no member's count for nothing
   * @param put come, or are described anew. One that is among those that leave, too, comes as
   *     another endpoint of the same name, of which nothing is known
   */
  void change(Collection<EndpointId> gone, Collection<Endpoint> put);
}
