package ai.llmd.epp.application.port.in;

import ai.llmd.epp.domain.pool.Endpoint;
import java.util.Collection;

/** Takes the pool's membership from whoever discovers it. */
public interface KeepPool {

  /**
   * Makes these the pool's endpoints. Those that stay keep their slots, loads and what was learnt
   * of them; of two with one id the last counts. Any thread, one at a time.
   */
  void keep(Collection<Endpoint> endpoints);
}
