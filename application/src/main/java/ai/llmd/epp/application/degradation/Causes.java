package ai.llmd.epp.application.degradation;

import ai.llmd.epp.application.port.out.DegradationObserver.Step;
import ai.llmd.epp.application.port.out.WatchStatus;
import ai.llmd.epp.application.waiting.Breakers;
import ai.llmd.epp.domain.health.EndpointHealth.State;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.EndpointLoad;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Why something is given up, as the parts of the program show it. Nothing is measured for it, and
 * nothing is asked of others.
 *
 * @param candidates all endpoints, with their loads as decisions see them
 * @param health of an endpoint, as decisions see it
 * @param waits the steps of decisions that wait
 * @param isStoreAway whether replicas share through a store that cannot be reached
 * @param plugins steps that plugins know of by themselves
 * @param watches of the API server, once the pool is known; empty where there is none
 */
public record Causes(
    Supplier<Candidates> candidates,
    Function<Candidate, State> health,
    Supplier<List<Breakers.Status>> waits,
    BooleanSupplier isStoreAway,
    Supplier<List<GivesUp>> plugins,
    Supplier<List<WatchStatus>> watches) {

  /** The steps that have a cause now. Any thread. */
  public Set<Step> now() {
    EnumSet<Step> steps = EnumSet.noneOf(Step.class);
    if (watches.get().stream().anyMatch(watch -> !watch.isUpToDate())) {
      steps.add(Step.API_SERVER_AWAY);
    }
    if (isStoreAway.getAsBoolean()) {
      steps.add(Step.STATE_STORE_AWAY);
    }
    if (waits.get().stream().anyMatch(Breakers.Status::isOpen)) {
      steps.add(Step.PLUGINS_SKIPPED);
    }
    plugins.get().forEach(plugin -> steps.addAll(plugin.givenUp()));
    lookAt(candidates.get(), steps);
    return steps;
  }

  /**
   * An empty pool has nothing to give up. What an endpoint that gets nothing reports is no loss.
   */
  private void lookAt(Candidates all, Set<Step> steps) {
    Candidates serving = all.where(candidate -> !isOut(health.apply(candidate)));
    if (serving.size() < all.size()) {
      steps.add(serving.isEmpty() ? Step.ALL_ENDPOINTS_OUT : Step.ENDPOINTS_OUT);
    }
    Candidates chosenFrom = serving.isEmpty() ? all : serving;
    int unknown = chosenFrom.where(candidate -> isUnknown(candidate.load())).size();
    if (unknown > 0) {
      steps.add(unknown == chosenFrom.size() ? Step.LOADS_UNKNOWN : Step.LOADS_PARTLY_UNKNOWN);
    }
  }

  private static boolean isOut(State state) {
    return state == State.OUT || state == State.PROBING;
  }

  private static boolean isUnknown(EndpointLoad load) {
    return !load.reported().waitingRequests() && !load.reported().runningRequests();
  }
}
