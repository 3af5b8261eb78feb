package ai.llmd.epp.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.routing.HeaderChanges;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.Picker;
import ai.llmd.epp.domain.scheduling.ProfileHandler;
import ai.llmd.epp.domain.scheduling.ProfileResult;
import ai.llmd.epp.domain.scheduling.ProfileResults;
import ai.llmd.epp.domain.scheduling.Scheduler;
import ai.llmd.epp.domain.scheduling.Scheduler.Verdict;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.SchedulingProfile;
import ai.llmd.epp.yaml.InvalidDocumentException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;

/** Replays what profile handlers, and whole configurations, made of a request. */
final class GoldenSchedules {

  private GoldenSchedules() {}

  /** Profiles that pick what the case prescribes. */
  static void replayHandler(GoldenCase golden) {
    ProfileHandler handler = (ProfileHandler) GoldenPlugins.build(golden);
    Recorder recorder = new Recorder(handler, new ArrayList<>());
    GoldenPool pool = golden.pool();
    List<SchedulingProfile> profiles = new ArrayList<>();
    golden
        .get("profiles")
        .forEachEntry((name, targets) -> profiles.add(picking(name, targets, pool)));
    SchedulingCycle cycle = pool.cycle(golden.request());
    Verdict verdict =
        new Scheduler(
                profiles,
                new Named<>("handler", "recorder", recorder),
                PluginCalls.timedBy(() -> 0))
            .schedule(cycle);

    assertThat(recorder.rounds()).isEqualTo(rounds(golden.get("rounds")));
    if (golden.has("failsAt")) {
      assertThat(verdict).isNotInstanceOf(Verdict.Scheduled.class);
      boolean nothingRan =
          verdict instanceof Verdict.Failed(String detail, var ignored)
              && detail.equals("no profile ran");
      assertThat(nothingRan ? "no-profile-ran" : "process-results")
          .isEqualTo(golden.get("failsAt").asString());
    } else {
      assertScheduled(golden, cycle, handler, verdict);
    }
  }

  /** Profiles, handler and all from a configuration text. */
  static void replayCycle(GoldenCase golden) throws InvalidDocumentException {
    EffectiveConfiguration loaded = Loading.load(golden.get("config").asString(), true);
    SchedulingCycle cycle = golden.pool().cycle(golden.request());
    Verdict verdict =
        new Scheduler(
                loaded.scheduling().profiles(),
                loaded.scheduling().profileHandler(),
                PluginCalls.timedBy(() -> 0))
            .schedule(cycle);
    if (golden.has("failsAt")) {
      assertThat(verdict).isNotInstanceOf(Verdict.Scheduled.class);
    } else {
      assertScheduled(golden, cycle, loaded.scheduling().profileHandler().plugin(), verdict);
    }
  }

  private static void assertScheduled(
      GoldenCase golden, SchedulingCycle cycle, ProfileHandler handler, Verdict verdict) {
    assertThat(verdict).isInstanceOf(Verdict.Scheduled.class);
    Verdict.Scheduled scheduled = (Verdict.Scheduled) verdict;
    assertThat(scheduled.primaryProfile()).isEqualTo(golden.get("primaryProfile").asString());
    assertResults(scheduled.results(), golden.get("results"));
    if (golden.has("weightedScores")) {
      assertWeighted(scheduled.results(), golden.get("weightedScores"));
    }
    if (golden.has("requestHeadersAfter")) {
      HeaderChanges changes = new HeaderChanges();
      if (handler instanceof PreRequest preRequest) {
        preRequest.onRouted(
            new RoutedRequest(
                cycle.request(),
                cycle.facts(),
                scheduled.primaryProfile(),
                scheduled.primary(),
                scheduled.results(),
                changes));
      }
      assertThat(golden.request().headersAfter(changes))
          .isEqualTo(GoldenCase.textByName(golden.get("requestHeadersAfter")));
    }
  }

  /** Picks of each profile that has a result, as identities with or without addresses. */
  private static void assertResults(ProfileResults results, JsonNode expected) {
    Map<String, List<String>> picked = new HashMap<>();
    Map<String, List<String>> wanted = new HashMap<>();
    expected.forEachEntry((profile, targets) -> wanted.put(profile, GoldenCase.texts(targets)));
    for (String profile : results.profiles()) {
      boolean isAddressed =
          wanted.getOrDefault(profile, List.of()).stream().anyMatch(text -> text.contains("@"));
      results
          .find(profile)
          .ifPresent(
              result -> {
                List<String> targets = new ArrayList<>();
                result.picks().forEach(pick -> targets.add(shown(pick, isAddressed)));
                picked.put(profile, targets);
              });
    }
    assertThat(picked).isEqualTo(wanted);
  }

  private static String shown(Candidate pick, boolean isAddressed) {
    String id = pick.endpoint().id().toString();
    return isAddressed ? id + "@" + pick.endpoint().address() + ":" + pick.endpoint().port() : id;
  }

  /** Totals of every candidate that reached the scorers, keyed {@code profile:identity}. */
  private static void assertWeighted(ProfileResults results, JsonNode expected) {
    Map<String, Double> totals = new HashMap<>();
    for (String profile : results.profiles()) {
      ProfileResult result = results.find(profile).orElse(null);
      if (result != null) {
        for (Candidate candidate : result.scored()) {
          totals.put(
              profile + ":" + candidate.endpoint().id(), result.totals().at(candidate.slot()));
        }
      }
    }
    assertThat(totals).containsOnlyKeys(expected.propertyNames());
    expected.forEachEntry(
        (key, total) ->
            assertThat(Objects.requireNonNull(totals.get(key)))
                .as(key)
                .isCloseTo(total.asDouble(), within(GoldenAnswers.TOLERANCE)));
  }

  /** A profile that picks these targets in this order; one without targets fails. */
  private static SchedulingProfile picking(String name, JsonNode targets, GoldenPool pool) {
    boolean fails = targets.isEmpty(); // null is empty, too
    Picker picker = (cycle, totals) -> pool.named(targets);
    return new SchedulingProfile(
        name,
        List.of(new Named<>("gate", "test", cycle -> cycle.candidates().where(c -> !fails))),
        List.of(),
        new Named<>("chosen", "test", picker));
  }

  private static List<List<String>> rounds(JsonNode expected) {
    List<List<String>> rounds = new ArrayList<>();
    expected.forEach(round -> rounds.add(GoldenCase.texts(round).stream().sorted().toList()));
    return rounds;
  }

  /** Notes which profiles a handler asked for, round by round; their order has no meaning. */
  private record Recorder(ProfileHandler handler, List<List<String>> rounds)
      implements ProfileHandler {

    @Override
    public List<SchedulingProfile> pick(
        SchedulingCycle cycle, Collection<SchedulingProfile> profiles, ProfileResults results) {
      List<SchedulingProfile> next = handler.pick(cycle, profiles, results);
      if (!next.isEmpty()) {
        rounds.add(next.stream().map(SchedulingProfile::name).sorted().toList());
      }
      return next;
    }

    @Override
    public Outcome process(SchedulingCycle cycle, ProfileResults results) {
      return handler.process(cycle, results);
    }
  }
}
