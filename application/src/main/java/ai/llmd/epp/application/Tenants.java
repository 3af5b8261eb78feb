package ai.llmd.epp.application;

import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.facts.RequestAttribute;
import ai.llmd.epp.domain.request.ReceivedBody;
import ai.llmd.epp.domain.request.ReceivedRequest;
import ai.llmd.epp.domain.routing.RequestLabels;
import org.jspecify.annotations.Nullable;

/** Finds out whose request one is, and keeps the prefixes of tenants apart. Any thread. */
public final class Tenants {

  private static final String AGENT = "agent-";
  private static final int AGENT_DIGITS = 16;
  private static final int SALT_DIGITS = 32;

  private final PrefixSeparation separation;
  private final IdentityDigest digest;

  /**
   * @param hashSecret keys what stands for names of clients; the same in all replicas of a pool
   */
  public Tenants(PrefixSeparation separation, long hashSecret) {
    this.separation = separation;
    this.digest = new IdentityDigest(hashSecret);
  }

  /**
   * The client's own fairness id, or else one that stands for its agent's session, or else that of
   * all who give none. It is a label of metrics and decisions, and a session id may be a
   * credential: so a hash is what is shown, and what flows are told apart by.
   */
  String fairnessId(ReceivedRequest request, Facts facts) {
    if (!request.hints().fairnessId().isEmpty()) {
      return request.hints().fairnessId();
    }
    @Nullable String session = facts.get(RequestAttribute.AGENT_IDENTITY);
    return session == null || session.isEmpty()
        ? RequestLabels.DEFAULT_FAIRNESS_ID
        : AGENT + digest.of(AGENT_DIGITS, session);
  }

  /**
   * The request with its tenant behind the cache salt, where tenants are kept apart. Always of the
   * same length, and last: no model name and no salt of a client's own can make up for it.
   */
  ReceivedRequest separated(ReceivedRequest request, String fairnessId) {
    if (!separation.isOn()) {
      return request;
    }
    String tenant =
        digest.of(
            SALT_DIGITS,
            separation.isByFairnessId() ? fairnessId : "",
            separation.header().isEmpty() ? "" : header(request));
    ReceivedBody body = request.body();
    return new ReceivedRequest(
        request.requestId(),
        request.headers(),
        body.withCacheSalt(body.cacheSalt() + tenant),
        request.hints());
  }

  private String header(ReceivedRequest request) {
    @Nullable String value = request.headers().value(separation.header());
    return value == null ? "" : value;
  }
}
