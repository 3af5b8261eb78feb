package ai.llmd.epp.application.stored;

import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.routing.ResponseHead;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.Termination;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Learns that an endpoint keeps an answer: the one that it gave, and the one that it went on with.
 * One stream's thread.
 */
final class FollowedAnswer implements ResponseObserver {

  private static final String SERVED_NAMESPACE = "envoy.lb";
  private static final String SERVED_KEY = "x-gateway-destination-endpoint-served";

  private final AnswerHolders holders;
  private final String reference;
  private final Endpoint picked;
  private boolean isGiven;

  /**
   * @param reference what the request refers to; empty for nothing
   * @param picked where the request went
   */
  FollowedAnswer(AnswerHolders holders, String reference, Endpoint picked) {
    this.holders = holders;
    this.reference = reference;
    this.picked = picked;
  }

  @Override
  public void onHeaders(ResponseHead head) {
    String status = head.header(":status");
    isGiven = status != null && status.startsWith("2") && !isOfAnother(head);
  }

  /** A gateway that tries several endpoints reports which one's answer this is. */
  private boolean isOfAnother(ResponseHead head) {
    @Nullable String served =
        head.hasMetadata(SERVED_NAMESPACE) ? head.metadata(SERVED_NAMESPACE, SERVED_KEY) : null;
    return served != null && !served.equals(picked.hostPort());
  }

  @Override
  public void onAnswerId(String id) {
    if (isGiven) {
      holders.learn(id, picked.id());
    }
  }

  @Override
  public Map<String, Map<String, Object>> onEnd(ResponseSummary summary) {
    if (isGiven && summary.termination() == Termination.NATURAL) {
      holders.learn(reference, picked.id());
    }
    return Map.of();
  }
}
