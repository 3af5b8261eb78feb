package ai.llmd.epp.domain.scheduling.handler;

import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.catalogue.Referring;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.Decider;
import ai.llmd.epp.domain.scheduling.ProfileResult;
import ai.llmd.epp.domain.scheduling.ProfileResults;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.SchedulingProfile;
import ai.llmd.epp.domain.scheduling.decider.PrefixBasedDecider;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Picks an endpoint to decode and, when its decider finds it worthwhile, another to prefill. It
 * does not name the second to the first: that takes a {@link DisaggHeadersHandler} beside it.
 */
public final class PdProfileHandler implements DisaggregatingHandler, PreRequest {

  public static final PluginType<Parameters> TYPE =
      PluginType.withContext(
              "pd-profile-handler",
              Parameters.DEFAULT,
              (parameters, context) ->
                  new PdProfileHandler(
                      parameters, Stages.decider(context, parameters.deciderPluginName())))
          .deprecatedFor(DisaggProfileHandler.NAME);

  /**
   * How requests are divided.
   *
   * @param decodeProfile name of the profile that picks the destination
   * @param prefillProfile name of the profile that picks the prefill endpoint
   * @param deciderPluginName name of the decider; must be declared, the default one too
   * @param primaryPort port of a pod that passes requests to its data-parallel ranks, 1 to 65535; 0
   *     when every rank is reached at its own
   * @param prefixMatchInfoProducerName whose matches must be produced; empty is the default one
   * @param prefixPluginType without effect, but an instance of this name must exist
   * @param prefixPluginName without effect, but an instance of this name must exist
   */
  public record Parameters(
      String decodeProfile,
      String prefillProfile,
      String deciderPluginName,
      int primaryPort,
      String prefixMatchInfoProducerName,
      String prefixPluginType,
      String prefixPluginName)
      implements Referring {

    public static final Parameters DEFAULT =
        new Parameters("decode", "prefill", PrefixBasedDecider.TYPE.name(), 0, "", "", "");

    public Parameters {
      PrimaryPort.check(primaryPort);
    }

    @Override
    public List<Reference> references() {
      List<Reference> references = new ArrayList<>(3);
      references.add(DisaggParameters.toDecider("deciderPluginName", deciderPluginName));
      if (!prefixPluginType.isEmpty()) {
        references.add(
            new Reference("prefixPluginType", prefixPluginType, Plugin.class, "a plugin"));
      }
      if (!prefixPluginName.isEmpty()) {
        references.add(
            new Reference("prefixPluginName", prefixPluginName, Plugin.class, "a plugin"));
      }
      return references;
    }
  }

  private final Parameters parameters;
  private final Decider decider;

  public PdProfileHandler(Parameters parameters, Decider decider) {
    this.parameters = parameters;
    this.decider = decider;
  }

  /** It has none that encodes. */
  @Override
  public StageProfiles stages() {
    return new StageProfiles(parameters.prefillProfile(), StageProfiles.DEFAULT.encode());
  }

  /** Also what deciders read. */
  @Override
  public Set<FactKey<?>> requires() {
    Set<FactKey<?>> keys = new HashSet<>();
    keys.add(TokenizedPrompt.KEY);
    keys.add(PrefixMatches.key(PrefixMatches.DEFAULT_PRODUCER));
    keys.add(PrefixMatches.keyOrDefault(parameters.prefixMatchInfoProducerName()));
    return keys;
  }

  @Override
  public List<SchedulingProfile> pick(
      SchedulingCycle cycle, Collection<SchedulingProfile> profiles, ProfileResults results) {
    if (!results.has(parameters.decodeProfile())) {
      return Stages.profile(profiles, parameters.decodeProfile());
    }
    @Nullable Candidate decode = Stages.firstPick(results, parameters.decodeProfile());
    if (decode == null || results.has(parameters.prefillProfile())) {
      return List.of();
    }
    return decider.disaggregates(cycle, decode)
        ? Stages.profile(profiles, parameters.prefillProfile())
        : List.of();
  }

  @Override
  public Outcome process(SchedulingCycle cycle, ProfileResults results) {
    @Nullable ProfileResult decode = Stages.resultOf(results, parameters.decodeProfile());
    if (decode == null) {
      return new Outcome.Failed("failed to find available decode workers");
    }
    ProfileResults processed = new ProfileResults();
    processed.put(
        parameters.decodeProfile(),
        parameters.primaryPort() == 0
            ? decode
            : new PrimaryPort(parameters.primaryPort()).redirect(decode, cycle.facts()));
    @Nullable ProfileResult prefill = Stages.resultOf(results, parameters.prefillProfile());
    if (prefill != null) {
      processed.put(parameters.prefillProfile(), prefill);
    }
    return new Outcome.Primary(parameters.decodeProfile(), processed);
  }

  /** A prefill that was wanted and found no endpoint counts as one, as in the reference. */
  @Override
  public Disaggregation decided(ProfileResults results) {
    return Disaggregation.of(false, results.has(parameters.prefillProfile()));
  }

  @Override
  public @Nullable ResponseObserver onRouted(RoutedRequest routed) {
    if (parameters.primaryPort() != 0) {
      PrimaryPort.announce(routed.facts(), routed.headers());
    }
    return null;
  }
}
