package ai.llmd.epp.domain.state;

import ai.llmd.epp.domain.pool.EndpointId;

/** Observes sessions that this replica bound. Called while bindings wait: cheap. */
@FunctionalInterface
public interface SessionListener {

  /** Ignores them. */
  SessionListener NONE = (plugin, session, endpoint, stamp) -> {};

  /**
   * A session was bound anew, or is still used.
   *
   * @param plugin instance name of the plugin whose session it is
   */
  void bound(String plugin, SessionKey session, EndpointId endpoint, BindingStamp stamp);
}
