package ai.llmd.epp.domain.routing;

import ai.llmd.epp.domain.calls.Called;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.scheduling.ProfileEvidence;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a decision came about: what the request's names came to, the steps before scheduling, and
 * each profile's run. Prompt-free: it holds endpoints, numbers and names of plugins, rules and
 * objectives only. The explain view, the score metadata and the trace span are renderings of it.
 *
 * @param resolution the objective and the rewrite that applied
 * @param candidates endpoints that were considered
 * @param steps producers, pre-request plugins and the like, in order
 * @param handlerCalls calls of the profile handler, in order
 * @param profiles the profiles that ran, in order
 * @param choice null when the scheduler was not reached or chose nothing
 * @param scheduleNanos time spent in the scheduler, 0 when it was not reached
 * @param totalNanos time from the call to the decision
 * @param flow what flow control did; null where it is off, or was not reached
 */
public record Evidence(
    Resolution resolution,
    int candidates,
    List<Step> steps,
    List<Step> handlerCalls,
    List<ProfileEvidence> profiles,
    @Nullable Choice choice,
    long scheduleNanos,
    long totalNanos,
    @Nullable FlowEvidence flow) {

  /** Nothing was weighed. */
  public static final Evidence NONE =
      new Evidence(Resolution.NONE, 0, List.of(), List.of(), null, 0, 0);

  public Evidence {
    steps = List.copyOf(steps);
    handlerCalls = List.copyOf(handlerCalls);
    profiles = List.copyOf(profiles);
  }

  /** Evidence without calls of a profile handler. */
  public Evidence(
      Resolution resolution,
      int candidates,
      List<Step> steps,
      List<ProfileEvidence> profiles,
      @Nullable Choice choice,
      long scheduleNanos,
      long totalNanos) {
    this(
        resolution,
        candidates,
        steps,
        List.of(),
        profiles,
        choice,
        scheduleNanos,
        totalNanos,
        null);
  }

  /**
   * What the scheduler chose, even if the request was refused afterwards.
   *
   * @param profile the primary profile
   */
  public record Choice(String profile, Endpoint destination) {}

  /**
   * One plugin call outside a profile.
   *
   * @param extensionPoint as in metrics: {@code DataProducer}, {@code PreRequest} …
   * @param degraded empty, or why the step's result is missing or worth less than it should be
   * @param lookup what an index of blocks gave; null where none was asked
   */
  public record Step(
      String extensionPoint,
      String name,
      String type,
      long nanos,
      String degraded,
      @Nullable Lookup lookup) {

    /** A step that asked no index of blocks. */
    public Step(String extensionPoint, String name, String type, long nanos, String degraded) {
      this(extensionPoint, name, type, nanos, degraded, null);
    }

    /** A call as it went. */
    public static Step of(String extensionPoint, Named<?> plugin, Called<?> called) {
      return new Step(
          extensionPoint, plugin.name(), plugin.type(), called.nanos(), called.degraded());
    }
  }

  /**
   * What an index of cached blocks gave for one request.
   *
   * @param blocks full blocks of its prompts
   * @param holders endpoints that hold at least the first one
   * @param longest leading blocks that one endpoint holds, the most of all
   * @param best what counts for the endpoint with the best match, in blocks: those in slower memory
   *     count less
   */
  public record Lookup(int blocks, int holders, int longest, int best) {}
}
