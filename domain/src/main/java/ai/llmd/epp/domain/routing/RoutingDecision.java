package ai.llmd.epp.domain.routing;

import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The answer to a request: where it goes, or why it goes nowhere. */
public sealed interface RoutingDecision {

  Evidence evidence();

  /**
   * Send the request to an endpoint. Holds nothing of the request's body, so that a long response
   * does not keep the prompt in memory.
   *
   * @param labels who asked for what, as metrics and records name it
   * @param endpoints the destination first, fallbacks behind it; never empty
   * @param headers request headers that plugins set or removed
   * @param observers follow the response, in order
   * @param eviction ends the request for a more important one; null when none may
   */
  record Route(
      RequestLabels labels,
      List<Endpoint> endpoints,
      HeaderChanges headers,
      @Nullable ScoredCandidates scored,
      List<ResponseObserver> observers,
      Evidence evidence,
      @Nullable Eviction eviction)
      implements RoutingDecision {

    /** A route that is not evicted. */
    public Route(
        RequestLabels labels,
        List<Endpoint> endpoints,
        HeaderChanges headers,
        @Nullable ScoredCandidates scored,
        List<ResponseObserver> observers,
        Evidence evidence) {
      this(labels, endpoints, headers, scored, observers, evidence, null);
    }

    public Route {
      endpoints = List.copyOf(endpoints);
      observers = List.copyOf(observers);
    }

    /** {@code host:port} of the destination and its fallbacks, joined by commas. */
    public String destination() {
      if (endpoints.size() == 1) {
        return endpoints.getFirst().hostPort();
      }
      return String.join(",", endpoints.stream().map(Endpoint::hostPort).toList());
    }
  }

  /** The primary profile's candidates and their weighted sums. */
  record ScoredCandidates(Candidates candidates, Scores totals) {}

  /**
   * Refuse the request.
   *
   * @param detail a sentence for client and operator, without anything of the prompt
   * @param retryAfterSeconds when another attempt may succeed; 0 if that is not known
   */
  record Reject(
      RequestLabels labels, Reason reason, String detail, Evidence evidence, int retryAfterSeconds)
      implements RoutingDecision {

    /** A refusal that does not know when another attempt may succeed. */
    public Reject(RequestLabels labels, Reason reason, String detail, Evidence evidence) {
      this(labels, reason, detail, evidence, 0);
    }
  }

  /** Why a request is refused; the adapter chooses the status, so a new reason must be mapped. */
  enum Reason {
    /** The body is not what its path promises. */
    MALFORMED,
    /** The body is larger than what may be buffered. */
    TOO_LARGE,
    /** {@code Prefer: if-available}, and the endpoint has nothing of the prompt cached. */
    NOT_CACHED,
    /** Sheddable, and the pool is saturated. */
    SHED,
    /** As many requests are queued as may be. */
    QUEUE_FULL,
    /** It was queued as long as it might be, and the pool has endpoints. */
    QUEUE_TIMEOUT,
    /** The client left while it was queued. */
    CLIENT_GONE,
    /** The program stops. */
    STOPPING,
    /** As many requests wait for their decision as may. */
    TOO_MANY_WAITING,
    /** Filters left no candidate. */
    ALL_FILTERED,
    /** The scheduler found no usable result. */
    NOT_SCHEDULED,
    /** No endpoint may serve the request. */
    NO_CANDIDATE,
    /** A plugin or the program failed. */
    INTERNAL
  }
}
