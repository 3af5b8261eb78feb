package ai.llmd.epp.domain.scheduling.handler;

import ai.llmd.epp.domain.catalogue.Outdated;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.ProfileHandler;
import ai.llmd.epp.domain.scheduling.ProfileResult;
import ai.llmd.epp.domain.scheduling.ProfileResults;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.SchedulingProfile;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Runs the one profile there is over data-parallel ranks, sends the request to the pod's primary
 * port and names the rank in the header {@code x-data-parallel-host-port}.
 */
public final class DataParallelProfileHandler implements ProfileHandler, PreRequest {

  public static final PluginType<Parameters> TYPE =
      PluginType.of(
          "data-parallel-profile-handler", new Parameters(8000), DataParallelProfileHandler::new);

  /**
   * Where a pod's ranks are asked.
   *
   * @param primaryPort port of the pod that passes requests to its ranks, 0 to 65535
   */
  public record Parameters(int primaryPort) implements Outdated {

    public Parameters {
      PrimaryPort.check(primaryPort);
    }

    @Override
    public List<String> deprecations() {
      return List.of(
          "data-parallel-profile-handler is deprecated, use single-profile-handler with a gateway"
              + " that reaches every rank (Istio 1.28.1 or later)");
    }
  }

  private final PrimaryPort primaryPort;

  public DataParallelProfileHandler(Parameters parameters) {
    this.primaryPort = new PrimaryPort(parameters.primaryPort());
  }

  @Override
  public List<SchedulingProfile> pick(
      SchedulingCycle cycle, Collection<SchedulingProfile> profiles, ProfileResults results) {
    return results.isEmpty() && profiles.size() == 1 ? List.copyOf(profiles) : List.of();
  }

  @Override
  public Outcome process(SchedulingCycle cycle, ProfileResults results) {
    return switch (Stages.onlyResult(results)) {
      case Outcome.Failed failed -> failed;
      case Outcome.Primary(String profile, var ignored) -> redirected(cycle, profile, results);
    };
  }

  private Outcome redirected(SchedulingCycle cycle, String profile, ProfileResults results) {
    ProfileResult picked = Objects.requireNonNull(Stages.resultOf(results, profile));
    ProfileResults redirected = new ProfileResults();
    redirected.put(profile, primaryPort.redirect(picked, cycle.facts()));
    return new Outcome.Primary(profile, redirected);
  }

  @Override
  public @Nullable ResponseObserver onRouted(RoutedRequest routed) {
    PrimaryPort.announce(routed.facts(), routed.headers());
    return null;
  }
}
