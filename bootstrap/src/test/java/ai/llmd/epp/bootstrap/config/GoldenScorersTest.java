package ai.llmd.epp.bootstrap.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.golden.GoldenFiles;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.scheduling.Filter;
import ai.llmd.epp.domain.scheduling.Picker;
import ai.llmd.epp.domain.scheduling.ProfileHandler;
import ai.llmd.epp.domain.scheduling.ProfileResults;
import ai.llmd.epp.domain.scheduling.Scheduler;
import ai.llmd.epp.domain.scheduling.Scheduler.Verdict;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.SchedulingProfile;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Replays what the reference's filters, scorers, pickers and handlers answered. Cases of plugins
 * that no catalogue has are left out.
 */
class GoldenScorersTest {

  private static final double TOLERANCE = 1e-12;
  private static final Pattern TYPE = Pattern.compile("type: (\\S+)");

  static Stream<GoldenCase> cases() {
    return GoldenCase.readAll("scorers.json").filter(GoldenScorersTest::isCovered);
  }

  private static boolean isCovered(GoldenCase golden) {
    if (golden.kind().equals("cycle")) {
      return TYPE.matcher(golden.json().get("config").asString())
          .results()
          .allMatch(match -> Loading.REGISTRY.find(match.group(1)).isPresent());
    }
    return Loading.REGISTRY.find(golden.plugin()).isPresent();
  }

  @Test
  void enoughCasesAreCovered() {
    assumeTrue(GoldenFiles.isOurs("scorers.json"), "other cases are played");
    assertThat(cases().count()).isGreaterThanOrEqualTo(93);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void answersLikeTheReference(GoldenCase golden) throws ConfigurationException {
    switch (golden.kind()) {
      case "scorer" -> replayScorer(golden);
      case "filter" -> replayFilter(golden);
      case "picker" -> replayPicker(golden);
      case "profile-handler" -> replayHandler(golden);
      case "construct" -> replayConstruction(golden);
      case "cycle" -> replayCycle(golden);
      default -> throw new IllegalArgumentException(golden.kind());
    }
  }

  private static void replayScorer(GoldenCase golden) {
    SchedulingCycle cycle = golden.cycle(1);
    Scores scores = build(golden, Scorer.class).score(cycle);
    JsonNode expected = golden.json().get("scores");
    for (Candidate candidate : cycle.candidates()) {
      JsonNode score = expected.get(candidate.endpoint().id().toString());
      if (score == null) {
        assertThat(scores.isScored(candidate.slot())).isFalse();
      } else {
        assertThat(scores.at(candidate.slot())).isCloseTo(score.asDouble(), within(TOLERANCE));
      }
    }
  }

  private static void replayFilter(GoldenCase golden) {
    Candidates kept = build(golden, Filter.class).filter(golden.cycle(1));
    assertThat(ids(kept)).isEqualTo(golden.texts("kept"));
  }

  private static void replayPicker(GoldenCase golden) {
    Picker picker = build(golden, Picker.class);
    SchedulingCycle cycle = golden.cycle(42);
    Scores totals = golden.givenScores(cycle);
    JsonNode shares = golden.json().get("firstPickShare");
    if (shares == null) {
      assertThat(ids(picker.pick(cycle, totals))).isEqualTo(golden.texts("picked"));
      return;
    }
    int trials = golden.json().get("trials").asInt();
    Map<String, Integer> first = new HashMap<>();
    for (int i = 0; i < trials; i++) {
      first.merge(ids(picker.pick(cycle, totals)).getFirst(), 1, Integer::sum);
    }
    for (String id : ids(cycle.candidates())) {
      double share = shares.has(id) ? shares.get(id).asDouble() : 0;
      assertThat(first.getOrDefault(id, 0) / (double) trials)
          .as(id)
          .isCloseTo(share, within(golden.json().get("tolerance").asDouble()));
    }
  }

  private static void replayHandler(GoldenCase golden) {
    var handler = new Recorder(build(golden, ProfileHandler.class), new ArrayList<>());
    List<SchedulingProfile> profiles = new ArrayList<>();
    golden
        .json()
        .get("profiles")
        .forEachEntry((name, picks) -> profiles.add(profilePicking(name, picks)));
    Verdict verdict =
        new Scheduler(profiles, new Named<>("handler", "recorder", handler), () -> 0)
            .schedule(golden.cycle(1));
    assertThat(handler.rounds()).isEqualTo(golden.textLists("rounds"));
    assertVerdict(golden, verdict, "process-results");
  }

  private static void replayConstruction(GoldenCase golden) {
    Problems problems = new Problems("golden");
    instances(golden, problems);
    assertThat(problems.inOrder().isEmpty())
        .as("%s", problems.inOrder())
        .isEqualTo(golden.json().get("accepted").asBoolean());
  }

  private static void replayCycle(GoldenCase golden) throws ConfigurationException {
    EffectiveConfiguration loaded = Loading.load(golden.json().get("config").asString(), true);
    SchedulingCycle cycle = golden.cycle(1);
    Verdict verdict =
        new Scheduler(loaded.profiles(), loaded.profileHandler(), () -> 0).schedule(cycle);
    assertVerdict(golden, verdict, "schedule");
    if (verdict instanceof Verdict.Scheduled scheduled) {
      for (Candidate candidate : scheduled.primary().scored()) {
        String key = scheduled.primaryProfile() + ":" + candidate.endpoint().id();
        assertThat(scheduled.primary().totals().at(candidate.slot()))
            .isCloseTo(golden.json().get("weightedScores").get(key).asDouble(), within(TOLERANCE));
      }
    }
  }

  private static void assertVerdict(GoldenCase golden, Verdict verdict, String stage) {
    if (golden.json().has("failsAt")) {
      assertThat(golden.json().get("failsAt").asString()).isEqualTo(stage);
      assertThat(verdict).isNotInstanceOf(Verdict.Scheduled.class);
      return;
    }
    assertThat(verdict).isInstanceOf(Verdict.Scheduled.class);
    Verdict.Scheduled scheduled = (Verdict.Scheduled) verdict;
    assertThat(scheduled.primaryProfile())
        .isEqualTo(golden.json().get("primaryProfile").asString());
    List<String> expected = new ArrayList<>();
    golden
        .json()
        .get("results")
        .get(scheduled.primaryProfile())
        .forEach(id -> expected.add(id.asString().replaceFirst("@.*", "")));
    assertThat(ids(scheduled.primary().picks())).isEqualTo(expected);
  }

  private static SchedulingProfile profilePicking(String name, JsonNode picks) {
    List<String> wanted = new ArrayList<>();
    picks.forEach(id -> wanted.add(id.asString()));
    Filter chosen =
        cycle -> cycle.candidates().where(c -> wanted.contains(c.endpoint().id().toString()));
    Picker all = (cycle, totals) -> cycle.candidates();
    return new SchedulingProfile(
        name,
        List.of(new Named<>("chosen", "test", chosen)),
        List.of(),
        new Named<>("all", "test", all));
  }

  private static <P> P build(GoldenCase golden, Class<P> kind) {
    Problems problems = new Problems("golden");
    Instances instances = instances(golden, problems);
    assertThat(problems.inOrder()).isEmpty();
    return kind.cast(instances.get(golden.plugin()).orElseThrow().plugin());
  }

  private static Instances instances(GoldenCase golden, Problems problems) {
    var instances = new Instances(Loading.REGISTRY, PluginServices.of(Map.of()), problems);
    JsonNode parameters = golden.json().get("parameters");
    Value value =
        YamlText.read(parameters == null ? "" : parameters.toString(), "golden", problems);
    instances.create(golden.plugin(), new Text(golden.plugin(), Spot.unwritten("")), value);
    return instances;
  }

  private static List<String> ids(Candidates candidates) {
    List<String> ids = new ArrayList<>();
    candidates.forEach(candidate -> ids.add(candidate.endpoint().id().toString()));
    return ids;
  }

  /** Notes which profiles a handler asked for, round by round. */
  private record Recorder(ProfileHandler handler, List<List<String>> rounds)
      implements ProfileHandler {

    @Override
    public List<SchedulingProfile> pick(
        SchedulingCycle cycle, Collection<SchedulingProfile> profiles, ProfileResults results) {
      List<SchedulingProfile> next = handler.pick(cycle, profiles, results);
      if (!next.isEmpty()) {
        rounds.add(next.stream().map(SchedulingProfile::name).toList());
      }
      return next;
    }

    @Override
    public Outcome process(SchedulingCycle cycle, ProfileResults results) {
      return handler.process(cycle, results);
    }
  }
}
