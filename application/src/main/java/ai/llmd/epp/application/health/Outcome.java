package ai.llmd.epp.application.health;

import ai.llmd.epp.domain.health.EndpointHealth;
import ai.llmd.epp.domain.routing.ResponseHead;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.Termination;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Learns from the response to one request. The request's stream only; when that is over, it follows
 * another request ({@link FreeOutcomes}).
 *
 * <p>A 502, 503 or 504 is the gateway's, or as good as that: the request was not served and would
 * not be at once. Where the gateway shows that the server answered, it is the server's own failure,
 * as any other 5xx is but 501, with which it refuses what it does not offer. A 503 with which Envoy
 * protects itself is no failure of the server. Everything below 500 is an answer, 429 included: the
 * server is busy, not ill.
 */
final class Outcome implements ResponseObserver {

  private static final String STATUS = ":status";
  private static final String SERVED_NAMESPACE = "envoy.lb";
  private static final String SERVED_KEY = "x-gateway-destination-endpoint-served";

  /** Of Envoy: on an answer that came from the server, unless its operator suppresses it. */
  private static final String SERVER_TIME = "x-envoy-upstream-service-time";

  /** Of Envoy: its own limit was reached, the server was not asked. */
  private static final String OVERLOADED = "x-envoy-overloaded";

  private final Outcomes endpoint;
  private long pickedAtNanos;
  private boolean isFollowing;
  private boolean isAnswered;
  private boolean isServed;

  /** Its place among those that are free by turns; {@link FreeOutcomes} alone sets both. */
  int number = FreeOutcomes.NONE;

  /** The one that is free next, while this one is. */
  int below = FreeOutcomes.NONE;

  Outcome(Outcomes endpoint) {
    this.endpoint = endpoint;
  }

  /** A request was sent to the endpoint, and this follows it. */
  Outcome begin(long nowNanos) {
    pickedAtNanos = nowNanos;
    isFollowing = true;
    isAnswered = false;
    isServed = false;
    return this;
  }

  @Override
  public void onHeaders(ResponseHead head) {
    long now = endpoint.nowNanos();
    isAnswered = true;
    endpoint.answered(pickedAtNanos, now);
    String status = head.header(STATUS);
    if (status == null || isOfAnother(head)) {
      return;
    }
    EndpointHealth health = endpoint.health();
    switch (status) {
      case "502", "503", "504" -> {
        if (head.header(OVERLOADED) == null) {
          health.failed(head.header(SERVER_TIME) == null, now);
        }
      }
      case "501" -> health.succeeded(now);
      default -> {
        if (status.startsWith("5")) {
          health.failed(false, now);
        } else {
          isServed = true;
          health.succeeded(now);
        }
      }
    }
  }

  /** A gateway that tries several endpoints reports which one's answer this is. */
  private boolean isOfAnother(ResponseHead head) {
    if (!head.hasMetadata(SERVED_NAMESPACE)) {
      return false;
    }
    @Nullable String served = head.metadata(SERVED_NAMESPACE, SERVED_KEY);
    return served != null && !served.equals(endpoint.member().endpoint().hostPort());
  }

  @Override
  public Map<String, Map<String, Object>> onEnd(ResponseSummary summary) {
    if (!isFollowing) {
      return Map.of();
    }
    isFollowing = false;
    endpoint.ended(isAnswered);
    Termination end = summary.termination();
    if (isServed && (end == Termination.CLIENT_DISCONNECT || end == Termination.ERROR)) {
      endpoint.cutShort();
    }
    endpoint.release(this); // last: from here on it may follow another request
    return Map.of();
  }
}
