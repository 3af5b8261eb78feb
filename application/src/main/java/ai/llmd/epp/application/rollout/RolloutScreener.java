package ai.llmd.epp.application.rollout;

import ai.llmd.epp.application.metrics.EndpointExtractor;
import ai.llmd.epp.application.rollout.RolloutParameters.Gating;
import ai.llmd.epp.application.rollout.RolloutParameters.HeaderSelector;
import ai.llmd.epp.application.rollout.RolloutParameters.Roles;
import ai.llmd.epp.application.rollout.RolloutParameters.Scope;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.ResponseHead;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Screener;
import ai.llmd.epp.domain.scheduling.filter.LabelSelectorFilter;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps each request within one revision of a disaggregated set while that is rolled out: prefill
 * and decode servers of different revisions may not understand each other.
 *
 * <p>A revision takes part once every required role has a pod of it, with a share that its pods
 * give it; one is drawn for each request. A client that sends back what the response's header said
 * stays where it was. The pods are those of the pool.
 */
public final class RolloutScreener implements Screener, PreRequest, EndpointExtractor {

  private static final String TYPE_NAME = "disaggregatedset-rollout-screener";

  public static final PluginType<Parameters> TYPE =
      PluginType.withContext(
              TYPE_NAME,
              Parameters.NONE,
              (parameters, context) ->
                  new RolloutScreener(
                      context.name(), parameters, context.service(RolloutObserver.class)))
          .alpha();

  /**
   * What is rolled out, and how requests are kept together.
   *
   * @param scope the pods that count
   * @param headerSelectors headers by which clients stay where they were
   * @param revisionGating how requests are spread over revisions
   */
  public record Parameters(
      Scope scope, List<HeaderSelector> headerSelectors, Gating revisionGating) {

    static final Parameters NONE =
        new Parameters(
            new Scope(new LabelSelectorFilter.Parameters(Map.of(), List.of())),
            List.of(),
            new Gating("", Gating.REVISION, Gating.ROLE, new Roles(List.of())));

    public Parameters {
      headerSelectors = List.copyOf(headerSelectors);
      unique("name", headerSelectors.stream().map(HeaderSelector::name).toList());
      unique("headerName", headerSelectors.stream().map(HeaderSelector::headerName).toList());
    }

    private static void unique(String field, List<String> values) {
      Set<String> seen = new HashSet<>();
      for (String value : values) {
        if (!seen.add(value)) {
          throw new IllegalArgumentException(
              "headerSelectors: " + field + " \"" + value + "\" is given twice");
        }
      }
    }

    /** Throws unless all that has no default is there. */
    void check() {
      LabelSelectorFilter.Parameters selector = scope.labelSelector();
      if (selector.matchLabels().isEmpty() && selector.matchExpressions().isEmpty()) {
        throw new IllegalArgumentException("scope.labelSelector must be given");
      }
      if (revisionGating.mode().isEmpty()) {
        throw new IllegalArgumentException("revisionGating.mode must be given");
      }
      if (revisionGating.isActive() && revisionGating.requireRoles().values().isEmpty()) {
        throw new IllegalArgumentException("revisionGating.requireRoles.values must not be empty");
      }
    }
  }

  private final String name;
  private final Parameters parameters;
  private final RolloutObserver observer;
  private final LabelSelectorFilter scope;
  private final Map<EndpointId, Endpoint> inScope = new HashMap<>(); // the pool's thread
  private volatile Map<String, Double> shares = Map.of(); // never written into

  /**
   * @param name instance name
   * @throws IllegalArgumentException when a parameter is missing that has no default
   */
  public RolloutScreener(String name, Parameters parameters, RolloutObserver observer) {
    parameters.check();
    this.name = name;
    this.parameters = parameters;
    this.observer = observer;
    this.scope = new LabelSelectorFilter(parameters.scope().labelSelector());
  }

  @Override
  public String type() {
    return TYPE_NAME;
  }

  @Override
  public Candidates screen(SchedulingCycle cycle) {
    Candidates kept = cycle.candidates();
    if (parameters.revisionGating().isActive()) {
      kept = ofOneRevision(kept, cycle);
    }
    for (HeaderSelector selector : parameters.headerSelectors()) {
      String wanted = wanted(selector, cycle.request().headers());
      if (wanted != null && !kept.isEmpty()) {
        kept =
            kept.where(
                candidate -> wanted.equals(candidate.endpoint().labels().get(selector.labelKey())));
        if (kept.isEmpty()) {
          observer.unmatched(name, selector.name());
        }
      }
    }
    return kept;
  }

  private static @Nullable String wanted(HeaderSelector selector, RequestHeaders headers) {
    String value = selector.isStrict() ? headers.value(selector.headerName()) : null;
    return value == null || value.isEmpty() ? null : value;
  }

  private Candidates ofOneRevision(Candidates all, SchedulingCycle cycle) {
    Map<String, Double> now = shares;
    Map<String, Double> present = new TreeMap<>();
    double total = 0;
    for (int i = 0; i < all.size(); i++) {
      String revision = revision(all.get(i).endpoint());
      double share = now.getOrDefault(revision, 0.0);
      if (share > 0 && present.putIfAbsent(revision, share) == null) {
        total += share;
      }
    }
    if (isPinned(cycle.request().headers())) {
      return all.where(candidate -> present.containsKey(revision(candidate.endpoint())));
    }
    String drawn = drawn(present, cycle.random().nextDouble() * total);
    return all.where(candidate -> drawn.equals(revision(candidate.endpoint())));
  }

  private boolean isPinned(RequestHeaders headers) {
    return parameters.headerSelectors().stream()
        .anyMatch(selector -> wanted(selector, headers) != null);
  }

  private static String drawn(Map<String, Double> shares, double at) {
    double passed = 0;
    String last = "";
    for (var share : shares.entrySet()) {
      passed += share.getValue();
      last = share.getKey();
      if (at < passed) {
        return last;
      }
    }
    return last;
  }

  /** Empty where the endpoint has none, which has no share. */
  private String revision(Endpoint endpoint) {
    String revision = endpoint.labels().get(parameters.revisionGating().revisionLabelKey());
    return revision == null || revision.isEmpty() ? "/" : revision; // no label's value
  }

  @Override
  public ResponseObserver onRouted(RoutedRequest routed) {
    Endpoint serving = routed.primary().picks().get(0).endpoint();
    return new ResponseObserver() {
      @Override
      public void onHeaders(ResponseHead head) {
        for (HeaderSelector selector : parameters.headerSelectors()) {
          String value = serving.labels().get(selector.labelKey());
          if (value != null && !value.isEmpty()) {
            head.set(selector.headerName(), value);
          }
        }
      }
    };
  }

  @Override
  public void added(EndpointState endpoint) {
    Endpoint now = endpoint.endpoint();
    if (scope.matches(now.labels())) {
      inScope.put(now.id(), now);
    } else {
      inScope.remove(now.id());
    }
    share();
  }

  @Override
  public void changed(EndpointState endpoint) {
    added(endpoint);
  }

  @Override
  public void removed(EndpointState endpoint, Runnable released) {
    inScope.remove(endpoint.endpoint().id());
    share();
    released.run();
  }

  private void share() {
    if (parameters.revisionGating().isActive()) {
      shares = Map.copyOf(RevisionShares.of(inScope.values(), parameters.revisionGating()));
      observer.shares(name, parameters.revisionGating().mode(), shares);
    }
  }
}
