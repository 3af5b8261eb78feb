package ai.llmd.epp.domain.scheduling.session;

import ai.llmd.epp.domain.catalogue.PluginContext;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.ProfileResult;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.state.SharedState;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A strategy of keeping a session on one endpoint. Any thread. */
sealed interface SessionAffinity permits TokenAffinity, SessionIdAffinity {

  /** The session's endpoint; null when it has none among the candidates. */
  @Nullable Candidate choose(SchedulingCycle cycle);

  /**
   * Learns where a request went.
   *
   * @return follows the response, or null when there is no need
   */
  @Nullable ResponseObserver follow(RoutedRequest routed);

  /** Facts that hold the session. */
  Set<FactKey<?>> uses();

  /** The strategy that the parameters name, for the plugin instance that is being built. */
  static SessionAffinity of(SessionParameters parameters, PluginContext context) {
    return switch (parameters.strategy()) {
      case ENCODED_ENDPOINT_HEADER -> new TokenAffinity(parameters);
      case SESSION_ID ->
          new SessionIdAffinity(
              context.name(),
              parameters,
              context.service(SharedState.class).sessions(context.name()),
              context.service(LongSupplier.class));
    };
  }

  /** The candidate with this identity; null when there is none. */
  static @Nullable Candidate find(SchedulingCycle cycle, EndpointId id) {
    for (int i = 0; i < cycle.candidates().size(); i++) {
      Candidate candidate = cycle.candidates().get(i);
      if (candidate.endpoint().id().equals(id)) {
        return candidate;
      }
    }
    return null;
  }

  /**
   * The endpoint that a profile picked first; null when it did not run or picked nothing.
   *
   * @param profile name of a profile; empty means the primary one
   */
  static @Nullable EndpointId picked(RoutedRequest routed, String profile) {
    ProfileResult result =
        profile.isEmpty() ? routed.primary() : routed.results().find(profile).orElse(null);
    return result == null ? null : result.picks().get(0).endpoint().id();
  }
}
