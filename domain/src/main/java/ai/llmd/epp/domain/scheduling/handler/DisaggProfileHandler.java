package ai.llmd.epp.domain.scheduling.handler;

import ai.llmd.epp.domain.catalogue.PluginContext;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.PeerEndpoint;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.Decider;
import ai.llmd.epp.domain.scheduling.ProfileResults;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.SchedulingProfile;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Divides a request over stages: an endpoint that decodes, and, when a decider finds it worthwhile,
 * others that encode its images and one that computes its prompt. Each stage has a profile.
 *
 * <p>The decode profile's pick is the destination; headers name the other stages to it, which fail
 * softly: without an endpoint for them, the decoding one does their work. The endpoint of the stage
 * that came first is put as {@link PeerEndpoint}, so that the later one can be picked near it.
 */
public final class DisaggProfileHandler implements DisaggregatingHandler, PreRequest {

  static final String NAME = "disagg-profile-handler";

  public static final PluginType<DisaggParameters> TYPE =
      PluginType.withContext(NAME, DisaggParameters.DEFAULT, DisaggProfileHandler::built);

  private final boolean isPrefillFirst;
  private final String decodeProfile;
  private final String prefillProfile;
  private final String encodeProfile;
  private final @Nullable Decider prefillDecider;
  private final @Nullable Decider encodeDecider;
  private final StageHeaders headers;

  /**
   * @param prefillDecider null when no request is prefilled elsewhere, or every one is because
   *     prefill comes first
   * @param encodeDecider null when no request is encoded elsewhere
   */
  public DisaggProfileHandler(
      DisaggParameters parameters,
      @Nullable Decider prefillDecider,
      @Nullable Decider encodeDecider) {
    this.isPrefillFirst = parameters.isPrefillFirst();
    this.decodeProfile = parameters.decodeStage();
    this.prefillProfile = parameters.prefillStage();
    this.encodeProfile = parameters.encodeStage();
    this.prefillDecider = prefillDecider;
    this.encodeDecider = encodeDecider;
    this.headers = new StageHeaders(prefillProfile, encodeProfile);
  }

  private static DisaggProfileHandler built(DisaggParameters parameters, PluginContext context) {
    return new DisaggProfileHandler(
        parameters,
        decider(context, parameters.prefillDecider()),
        decider(context, parameters.encodeDecider()));
  }

  private static @Nullable Decider decider(PluginContext context, String name) {
    return name.isEmpty() ? null : Stages.decider(context, name);
  }

  @Override
  public StageProfiles stages() {
    return new StageProfiles(prefillProfile, encodeProfile);
  }

  /** Also what deciders read, whichever are configured. */
  @Override
  public Set<FactKey<?>> requires() {
    return Set.of(PrefixMatches.key(PrefixMatches.DEFAULT_PRODUCER), TokenizedPrompt.KEY);
  }

  @Override
  public Set<FactKey<?>> produces() {
    return Set.of(PeerEndpoint.KEY);
  }

  @Override
  public List<SchedulingProfile> pick(
      SchedulingCycle cycle, Collection<SchedulingProfile> profiles, ProfileResults results) {
    return isPrefillFirst
        ? prefillFirst(cycle, profiles, results)
        : decodeFirst(cycle, profiles, results);
  }

  private List<SchedulingProfile> decodeFirst(
      SchedulingCycle cycle, Collection<SchedulingProfile> profiles, ProfileResults results) {
    if (!results.has(decodeProfile)) {
      return Stages.profile(profiles, decodeProfile);
    }
    @Nullable Candidate decode = Stages.firstPick(results, decodeProfile);
    if (decode == null) {
      return List.of();
    }
    var encode =
        wanted(encodeDecider, cycle, decode, Stages.profile(profiles, encodeProfile), results);
    if (!encode.isEmpty()) {
      return encode;
    }
    var prefill =
        wanted(prefillDecider, cycle, decode, Stages.profile(profiles, prefillProfile), results);
    if (!prefill.isEmpty()) {
      cycle.facts().put(PeerEndpoint.KEY, decode);
    }
    return prefill;
  }

  private List<SchedulingProfile> prefillFirst(
      SchedulingCycle cycle, Collection<SchedulingProfile> profiles, ProfileResults results) {
    if (results.has(decodeProfile)) {
      return List.of();
    }
    var prefill = Stages.profile(profiles, prefillProfile);
    if (!prefill.isEmpty() && !results.has(prefillProfile)) {
      return prefill;
    }
    var encode =
        wanted(encodeDecider, cycle, null, Stages.profile(profiles, encodeProfile), results);
    if (!encode.isEmpty()) {
      return encode;
    }
    @Nullable Candidate peer = Stages.firstPick(results, prefillProfile);
    if (peer != null) {
      cycle.facts().put(PeerEndpoint.KEY, peer);
    }
    return Stages.profile(profiles, decodeProfile);
  }

  /**
   * The stage if it is configured, was not looked at before, and the decider is for it. One that it
   * is against is noted, so that it is asked once only.
   */
  private static List<SchedulingProfile> wanted(
      @Nullable Decider decider,
      SchedulingCycle cycle,
      @Nullable Candidate decode,
      List<SchedulingProfile> stage,
      ProfileResults results) {
    if (stage.isEmpty() || results.has(stage.getFirst().name())) {
      return List.of();
    }
    if (decider != null && decider.disaggregates(cycle, decode)) {
      return stage;
    }
    results.put(stage.getFirst().name(), null);
    return List.of();
  }

  @Override
  public Outcome process(SchedulingCycle cycle, ProfileResults results) {
    if (Stages.resultOf(results, decodeProfile) == null) {
      return new Outcome.Failed("failed to find available decode workers");
    }
    ProfileResults succeeded = new ProfileResults();
    for (String profile : results.profiles()) {
      results.find(profile).ifPresent(result -> succeeded.put(profile, result));
    }
    return new Outcome.Primary(decodeProfile, succeeded);
  }

  @Override
  public Disaggregation decided(ProfileResults results) {
    return Disaggregation.of(
        results.find(encodeProfile).isPresent(), results.find(prefillProfile).isPresent());
  }

  @Override
  public @Nullable ResponseObserver onRouted(RoutedRequest routed) {
    headers.write(routed);
    return null;
  }
}
