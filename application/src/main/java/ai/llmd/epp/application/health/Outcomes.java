package ai.llmd.epp.application.health;

import ai.llmd.epp.domain.health.EndpointHealth;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.routing.ResponseHead;
import ai.llmd.epp.domain.routing.ResponseObserver;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Learns an endpoint's health from the status of its responses. One for each endpoint, since it
 * keeps nothing of a request. Any thread.
 *
 * <p>A 502, 503 or 504 is the gateway's, or as good as that: the request was not served and would
 * not be at once. Any other 5xx is the server's own failure but 501, with which it refuses what it
 * does not offer. Everything below 500 is an answer, 429 included: the server is busy, not ill.
 */
final class Outcomes implements ResponseObserver {

  private static final String STATUS = ":status";
  private static final String SERVED_NAMESPACE = "envoy.lb";
  private static final String SERVED_KEY = "x-gateway-destination-endpoint-served";

  private final EndpointState member;
  private final EndpointHealth health;
  private final LongSupplier nanoClock;

  Outcomes(EndpointState member, Runnable claimChanged, LongSupplier nanoClock) {
    this.member = member;
    this.health = new EndpointHealth(claimChanged);
    this.nanoClock = nanoClock;
  }

  EndpointState member() {
    return member;
  }

  EndpointHealth health() {
    return health;
  }

  @Override
  public void onHeaders(ResponseHead head) {
    String status = head.header(STATUS);
    if (status == null || isOfAnother(head)) {
      return;
    }
    switch (status) {
      case "502", "503", "504" -> health.failed(true, nanoClock.getAsLong());
      case "501" -> health.succeeded(nanoClock.getAsLong());
      default -> {
        if (status.startsWith("5")) {
          health.failed(false, nanoClock.getAsLong());
        } else {
          health.succeeded(nanoClock.getAsLong());
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
    return served != null && !served.equals(member.endpoint().hostPort());
  }
}
