package ai.llmd.epp.domain.scheduling;

import static ai.llmd.epp.domain.scheduling.CycleFixture.inOrder;
import static ai.llmd.epp.domain.scheduling.CycleFixture.load;
import static ai.llmd.epp.domain.scheduling.CycleFixture.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.scheduling.ProfileEvidence.Filtered;
import ai.llmd.epp.domain.scheduling.ProfileEvidence.Scored;
import ai.llmd.epp.domain.scheduling.Scheduler.Verdict;
import ai.llmd.epp.domain.scheduling.SchedulingProfile.WeightedScorer;
import ai.llmd.epp.domain.scheduling.handler.SingleProfileHandler;
import ai.llmd.epp.domain.scheduling.picker.MaxScorePicker;
import ai.llmd.epp.domain.scheduling.scorer.KvCacheUtilizationScorer;
import ai.llmd.epp.domain.scheduling.scorer.PrefixCacheScorer;
import ai.llmd.epp.domain.scheduling.scorer.QueueScorer;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SchedulerTest {

  private static final Named<Picker> BEST =
      new Named<>("best", "max-score-picker", new MaxScorePicker(MaxScorePicker.TYPE.defaults()));
  private static final Named<Filter> NONE =
      new Named<>("none", "test-filter", cycle -> cycle.candidates().where(c -> false));
  private static final Named<Filter> NOT_THE_FIRST =
      new Named<>("second", "test-filter", cycle -> cycle.candidates().where(c -> c.slot() > 0));

  private final AtomicLong clock = new AtomicLong();

  @Test
  void theWorkedCycleOfTheReferenceComesOutTheSame() {
    int[] matched = {0, 8, 2, 4};
    SchedulingCycle cycle =
        new CycleFixture()
            .endpoint(load(0, 0, 0.3))
            .endpoint(load(4, 0, 0.1))
            .endpoint(load(8, 0, 0.9))
            .endpoint(load(2, 0, 0.5))
            .fact(PrefixMatches.keyOrDefault(""), PrefixMatches.uniform(matched, 8, 16))
            .build();
    var prefix = new PrefixCacheScorer(PrefixCacheScorer.TYPE.defaults());
    var profile =
        profile(
            List.of(),
            weighted("queue", new QueueScorer(), 2),
            weighted("kv", new KvCacheUtilizationScorer(), 2),
            weighted("prefix", prefix, 3));

    Verdict verdict = scheduler(profile).schedule(cycle);

    assertThat(verdict).isInstanceOf(Verdict.Scheduled.class);
    ProfileResult result = ((Verdict.Scheduled) verdict).primary();
    assertThat(names(result.picks())).containsExactly("pod-1");
    assertThat(inOrder(cycle, result.totals()))
        .containsExactly(new double[] {3.4, 5.8, 0.95, 4.0}, within(1e-12));
  }

  @Test
  void scoresAreClampedBeforeTheyAreWeighed() {
    SchedulingCycle cycle =
        new CycleFixture()
            .endpoint(load(0, 0, 1.5))
            .endpoint(load(8, 0, -0.5))
            .endpoint(load(2, 0, 0.5))
            .build();
    var profile =
        profile(
            List.of(),
            weighted("kv", new KvCacheUtilizationScorer(), -1),
            weighted("queue", new QueueScorer(), 1));
    Scores totals = totals(profile, cycle);
    assertThat(inOrder(cycle, totals)).containsExactly(1, -1, 0.25);
  }

  @Test
  void anUnscoredCandidateGetsNothingFromThatScorer() {
    SchedulingCycle cycle =
        new CycleFixture().endpoint(load(0, 0, Double.NaN)).endpoint(load(0, 0, 0.5)).build();
    var profile =
        profile(
            List.of(),
            weighted("kv", new KvCacheUtilizationScorer(), 1),
            weighted("queue", new QueueScorer(), 1));
    assertThat(inOrder(cycle, totals(profile, cycle))).containsExactly(1, 1.5);
  }

  @Test
  void evidenceHasEveryStepWithItsDuration() {
    SchedulingCycle cycle = new CycleFixture().idle(3).build();
    var profile = profile(List.of(NOT_THE_FIRST), weighted("queue", new QueueScorer(), 2));

    ProfileEvidence evidence =
        profile.run(cycle, PluginCalls.timedBy(clock::incrementAndGet)).evidence();

    assertThat(evidence.profile()).isEqualTo("default");
    assertThat(evidence.candidates().size()).isEqualTo(3);
    Filtered filtered = evidence.filters().getFirst();
    assertThat(filtered.name()).isEqualTo("second");
    assertThat(names(filtered.kept())).containsExactly("pod-1", "pod-2");
    assertThat(filtered.nanos()).isEqualTo(1);
    Scored scored = evidence.scorers().getFirst();
    assertThat(scored.type()).isEqualTo("test");
    assertThat(scored.weight()).isEqualTo(2);
    assertThat(scored.scores().isScored(0)).isFalse();
    assertThat(scored.scores().at(1)).isEqualTo(1);
    assertThat(Objects.requireNonNull(evidence.pick()).name()).isEqualTo("best");
  }

  @Test
  void filtersStopAtTheFirstThatLeavesNothing() {
    SchedulingCycle cycle = new CycleFixture().idle(2).build();
    var profile = profile(List.of(NONE, NOT_THE_FIRST), weighted("queue", new QueueScorer(), 1));

    Verdict verdict = scheduler(profile).schedule(cycle);

    assertThat(verdict).isInstanceOf(Verdict.AllFiltered.class);
    ProfileEvidence evidence = verdict.evidence().getFirst();
    assertThat(evidence.filters()).extracting(Filtered::name).containsExactly("none");
    assertThat(evidence.scorers()).isEmpty();
    assertThat(evidence.pick()).isNull();
  }

  @Test
  void profilesNeverSeeEachOthersFiltering() {
    SchedulingCycle cycle = new CycleFixture().idle(2).build();
    var narrow = new SchedulingProfile("narrow", List.of(NOT_THE_FIRST), List.of(), BEST);
    var wide = new SchedulingProfile("wide", List.of(), List.of(), BEST);
    Verdict verdict =
        new Scheduler(
                List.of(narrow, wide),
                new Named<>("handler", "test", new FirstIsPrimary()),
                PluginCalls.timedBy(clock::get))
            .schedule(cycle);
    assertThat(verdict.evidence())
        .extracting(ProfileEvidence::candidates)
        .extracting(Candidates::size)
        .containsExactly(2, 2);
    assertThat(((Verdict.Scheduled) verdict).primaryProfile()).isEqualTo("narrow");
  }

  @Test
  void aHandlerThatPicksNothingFailsTheCycle() {
    Verdict verdict =
        new Scheduler(
                List.of(),
                new Named<>("handler", "test", new FirstIsPrimary()),
                PluginCalls.timedBy(clock::get))
            .schedule(new CycleFixture().idle(1).build());
    assertThat(verdict).isEqualTo(new Verdict.Failed("no profile ran", List.of()));
  }

  @Test
  void aProfileThatSucceedsLaterHasNotFailed() {
    AtomicLong runs = new AtomicLong();
    Named<Filter> atSecondSight =
        new Named<>(
            "late",
            "test-filter",
            cycle -> cycle.candidates().where(c -> runs.incrementAndGet() > 1));
    var late = new SchedulingProfile("late", List.of(atSecondSight), List.of(), BEST);
    var never = new SchedulingProfile("never", List.of(NONE), List.of(), BEST);

    assertThat(stubborn(late)).isInstanceOf(Verdict.Failed.class);
    runs.set(0);
    assertThat(stubborn(never, late))
        .isInstanceOfSatisfying(
            Verdict.AllFiltered.class, failed -> assertThat(failed.profile()).isEqualTo("never"));
  }

  @Test
  void ofSeveralFailedProfilesTheFirstByNameIsTheReason() {
    var b = new SchedulingProfile("b", List.of(NONE), List.of(), BEST);
    var a = new SchedulingProfile("a", List.of(NONE), List.of(), BEST);
    assertThat(stubborn(b, a))
        .isInstanceOfSatisfying(
            Verdict.AllFiltered.class, failed -> assertThat(failed.profile()).isEqualTo("a"));
  }

  private Verdict stubborn(SchedulingProfile... profiles) {
    return new Scheduler(
            List.of(profiles),
            new Named<>("handler", "test", new TwiceForNothing()),
            PluginCalls.timedBy(clock::get))
        .schedule(new CycleFixture().idle(1).build());
  }

  /** Runs every profile twice and is content with nothing. */
  private static final class TwiceForNothing implements ProfileHandler {

    private int rounds;

    @Override
    public List<SchedulingProfile> pick(
        SchedulingCycle cycle, Collection<SchedulingProfile> profiles, ProfileResults results) {
      return rounds++ < 2 ? List.copyOf(profiles) : List.of();
    }

    @Override
    public Outcome process(SchedulingCycle cycle, ProfileResults results) {
      return new Outcome.Failed("not content");
    }
  }

  @Test
  void singleProfileHandlerRefusesTwoResults() {
    var first = new SchedulingProfile("a", List.of(), List.of(), BEST);
    var second = new SchedulingProfile("b", List.of(), List.of(), BEST);
    Verdict verdict =
        new Scheduler(
                List.of(first, second),
                new Named<>("handler", "single-profile-handler", new SingleProfileHandler()),
                PluginCalls.timedBy(clock::get))
            .schedule(new CycleFixture().idle(1).build());
    assertThat(verdict).isInstanceOf(Verdict.Failed.class);
    assertThat(((Verdict.Failed) verdict).detail()).contains("one profile, got 2");
    assertThat(verdict.evidence()).hasSize(2);
  }

  private Scores totals(SchedulingProfile profile, SchedulingCycle cycle) {
    return Objects.requireNonNull(
        profile.run(cycle, PluginCalls.timedBy(clock::get)).evidence().totals());
  }

  private Scheduler scheduler(SchedulingProfile profile) {
    return new Scheduler(
        List.of(profile),
        new Named<>("handler", "single-profile-handler", new SingleProfileHandler()),
        PluginCalls.timedBy(clock::get));
  }

  private static SchedulingProfile profile(List<Named<Filter>> filters, WeightedScorer... scorers) {
    return new SchedulingProfile("default", filters, List.of(scorers), BEST);
  }

  private static WeightedScorer weighted(String name, Scorer scorer, double weight) {
    return new WeightedScorer(new Named<>(name, "test", scorer), weight);
  }

  /** Runs all profiles once; the first is primary. */
  private static final class FirstIsPrimary implements ProfileHandler {

    @Override
    public List<SchedulingProfile> pick(
        SchedulingCycle cycle, Collection<SchedulingProfile> profiles, ProfileResults results) {
      return results.isEmpty() ? List.copyOf(profiles) : List.of();
    }

    @Override
    public Outcome process(SchedulingCycle cycle, ProfileResults results) {
      return new Outcome.Primary(results.profiles().getFirst(), results);
    }
  }
}
