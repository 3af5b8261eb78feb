package ai.llmd.epp.domain.scheduling.session;

import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.routing.ResponseHead;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets the client remember: a response header carries the endpoint's identity, and the session's
 * next request sends it back. Nothing is kept here.
 */
final class TokenAffinity implements SessionAffinity {

  private final String header;
  private final String profile;

  TokenAffinity(SessionParameters parameters) {
    this.header = parameters.encodedEndpointHeaderConfig().header();
    this.profile = parameters.profileName();
  }

  @Override
  public @Nullable Candidate choose(SchedulingCycle cycle) {
    String token = cycle.request().headers().value(header);
    EndpointId id = token == null ? null : EndpointToken.decode(token);
    return id == null ? null : SessionAffinity.find(cycle, id);
  }

  @Override
  public @Nullable ResponseObserver follow(RoutedRequest routed) {
    EndpointId picked = SessionAffinity.picked(routed, profile);
    return picked == null ? null : new Sender(header, picked);
  }

  @Override
  public Set<FactKey<?>> uses() {
    return Set.of();
  }

  /** Gives the client its token. */
  private record Sender(String header, EndpointId endpoint) implements ResponseObserver {

    @Override
    public void onHeaders(ResponseHead head) {
      head.set(header, EndpointToken.encode(endpoint));
    }
  }
}
