package ai.llmd.epp.domain.scheduling.session;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Prefers the endpoint of the request's session: it scores 1, the others 0; without a session, or
 * when its endpoint is no candidate, all score 0.
 *
 * <p>Unlike {@link SessionAffinityFilter}, which remembers in the same ways, it leaves other
 * scorers a say.
 */
public final class SessionAffinityScorer implements Scorer, PreRequest {

  public static final PluginType<SessionParameters> TYPE =
      PluginType.withContext(
              "session-affinity-scorer",
              SessionParameters.DEFAULT,
              (parameters, context) ->
                  new SessionAffinityScorer(SessionAffinity.of(parameters, context)))
          .alpha();

  private final SessionAffinity affinity;

  SessionAffinityScorer(SessionAffinity affinity) {
    this.affinity = affinity;
  }

  @Override
  public Scores score(SchedulingCycle cycle) {
    Candidate chosen = affinity.choose(cycle);
    int slot = chosen == null ? -1 : chosen.slot();
    return Scores.of(cycle, candidate -> candidate.slot() == slot ? 1 : 0);
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
