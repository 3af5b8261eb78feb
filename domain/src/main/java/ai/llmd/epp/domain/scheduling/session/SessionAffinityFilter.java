package ai.llmd.epp.domain.scheduling.session;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.Filter;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a session on its endpoint: when that is a candidate, only it is kept, otherwise all are.
 *
 * <p>Either the client remembers the endpoint, in a header that each response brings it and each
 * request sends back, or the picker does, in a table of session ids.
 */
public final class SessionAffinityFilter implements Filter, PreRequest {

  public static final PluginType<SessionParameters> TYPE = type("session-affinity-filter");

  /** The same filter, for pools that span clusters. */
  public static final PluginType<SessionParameters> MULTICLUSTER_TYPE =
      type("multicluster-session-affinity-filter");

  private static PluginType<SessionParameters> type(String name) {
    return PluginType.withContext(
            name,
            SessionParameters.DEFAULT,
            (parameters, context) ->
                new SessionAffinityFilter(SessionAffinity.of(parameters, context)))
        .alpha();
  }

  private final SessionAffinity affinity;

  SessionAffinityFilter(SessionAffinity affinity) {
    this.affinity = affinity;
  }

  @Override
  public Candidates filter(SchedulingCycle cycle) {
    Candidate chosen = affinity.choose(cycle);
    return chosen == null
        ? cycle.candidates()
        : cycle.candidates().select(new Candidate[] {chosen}, 1);
  }

  @Override
  public @Nullable ResponseObserver onRouted(RoutedRequest routed) {
    return affinity.follow(routed);
  }

  @Override
  public Set<FactKey<?>> uses() {
    return affinity.uses();
  }
}
