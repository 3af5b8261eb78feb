package ai.llmd.epp.domain.scheduling.session;

import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.routing.Arrival;
import ai.llmd.epp.domain.routing.ResponseHead;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.state.SessionDirectory;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Remembers for each session id the endpoint of its first request, and keeps it there.
 *
 * <p>A session moves only when its endpoint is no candidate: that another one was picked although
 * it was there, by other scorers say, does not move it. Whether it was there travels with the
 * request's facts, from the choice to the moment when the request leaves.
 */
final class SessionIdAffinity implements SessionAffinity {

  private final SessionIdSources sources;
  private final String profile;
  private final ExpiringSessions sessions;

  /** This instance's own note whether the bound endpoint was a candidate. */
  private final FactKey<Boolean> presenceKey;

  /**
   * @param instance name of the plugin instance, which separates its notes from those of others
   */
  SessionIdAffinity(
      String instance,
      SessionParameters parameters,
      SessionDirectory directory,
      LongSupplier nanoClock) {
    this.sources = new SessionIdSources(parameters.sessionIdConfig().sources());
    this.profile = parameters.profileName();
    this.sessions = new ExpiringSessions(directory, parameters.sessionIdConfig(), nanoClock);
    this.presenceKey = new FactKey<>("SessionEndpointPresence", instance, Boolean.class);
  }

  @Override
  public @Nullable Candidate choose(SchedulingCycle cycle) {
    String session = sources.idOf(cycle.request(), cycle.facts());
    EndpointId bound = session == null ? null : sessions.endpointOf(session);
    if (bound == null) {
      return null;
    }
    Candidate present = SessionAffinity.find(cycle, bound);
    cycle.facts().put(presenceKey, present != null); // of several profiles the last one counts
    return present;
  }

  @Override
  public @Nullable ResponseObserver follow(RoutedRequest routed) {
    EndpointId picked = SessionAffinity.picked(routed, profile);
    String session = picked == null ? null : sources.idOf(routed.request(), routed.facts());
    if (picked != null && session != null) {
      boolean wasAbsent = Boolean.FALSE.equals(routed.facts().get(presenceKey));
      if (sessions.use(session, picked, wasAbsent)) {
        return new NewBinding(session, picked);
      }
    }
    return null;
  }

  /** Is void when the request that bound the session never arrived. */
  private final class NewBinding implements ResponseObserver {
    private final String session;
    private final EndpointId endpoint;

    NewBinding(String session, EndpointId endpoint) {
      this.session = session;
      this.endpoint = endpoint;
    }

    @Override
    public void onHeaders(ResponseHead head) {
      if (Arrival.failed(head)) {
        sessions.takeBack(session, endpoint);
      }
    }
  }

  @Override
  public Set<FactKey<?>> uses() {
    return sources.keys();
  }
}
