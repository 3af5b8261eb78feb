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
   */
  record Route(
      RequestLabels labels,
      List<Endpoint> endpoints,
      HeaderChanges headers,
      @Nullable ScoredCandidates scored,
      List<ResponseObserver> observers,
      Evidence evidence)
      implements RoutingDecision {

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
   */
  record Reject(RequestLabels labels, Reason reason, String detail, Evidence evidence)
      implements RoutingDecision {}

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
