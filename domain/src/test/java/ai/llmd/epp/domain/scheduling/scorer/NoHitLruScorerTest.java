package ai.llmd.epp.domain.scheduling.scorer;

import static ai.llmd.epp.domain.scheduling.CycleFixture.inOrder;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.routing.HeaderChanges;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.ProfileResult;
import ai.llmd.epp.domain.scheduling.ProfileResults;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scores;
import ai.llmd.epp.domain.scheduling.scorer.NoHitLruScorer.Parameters;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class NoHitLruScorerTest {

  private NoHitLruScorer scorer = scorer(0);

  @Test
  void spreadsColdRequestsOverEndpointsThatHadNoneThenOverTheOldest() {
    SchedulingCycle cycle = cold(3);
    assertThat(scores(cycle)).containsExactly(1, 0.5, 0);
    route(cycle, 1);
    assertThat(scores(cycle)).containsExactly(1, 0, 0.5);
    route(cycle, 0);
    assertThat(scores(cycle)).containsExactly(0, 0.5, 1);
    route(cycle, 2);
    assertThat(scores(cycle)).containsExactly(0.5, 1, 0);
    route(cycle, 1);
    assertThat(scores(cycle)).containsExactly(1, 0, 0.5);
  }

  @Test
  void aRequestWithAHitIsLeftToOtherScorersAndNotRecorded() {
    SchedulingCycle warm =
        new CycleFixture()
            .idle(3)
            .fact(PrefixMatches.keyOrDefault(""), PrefixMatches.uniform(new int[] {1, 0, 0}, 4, 16))
            .build();
    assertThat(scores(warm)).containsExactly(0.5, 0.5, 0.5);
    route(warm, 0);
    assertThat(scores(cold(3))).containsExactly(1, 0.5, 0);
  }

  @Test
  void matchesOfEndpointsThatAreNoCandidatesDoNotWarmARequest() {
    SchedulingCycle cycle =
        new CycleFixture()
            .idle(3)
            .fact(PrefixMatches.keyOrDefault(""), PrefixMatches.uniform(new int[] {4, 0, 0}, 4, 16))
            .build();
    assertThat(scores(only(cycle, 1, 2))).containsExactly(1, 0);
  }

  @Test
  void anEndpointOnItsOwnScoresOne() {
    SchedulingCycle one = cold(1);
    route(one, 0);
    assertThat(scores(one)).containsExactly(1);
  }

  @Test
  void rememberedEndpointsThatAreNoCandidatesTakeTheirPlaces() {
    SchedulingCycle all = cold(5);
    route(all, 4);
    route(all, 3);
    assertThat(scores(only(all, 3, 4))).containsExactly(0, 1);
    assertThat(scores(only(all, 4, 0))).containsExactly(0, 1);
    assertThat(scores(only(all, 3, 0, 1))).containsExactly(0, 1, 0.5);
  }

  @Test
  void recordsThePrefillPickBehindTheDestination() {
    SchedulingCycle cycle = cold(4);
    scores(cycle);
    ProfileResults results = new ProfileResults();
    results.put("decode", picked(cycle, 2));
    results.put("prefill", picked(cycle, 0));
    scorer.onRouted(routed(cycle.facts(), "decode", results));
    assertThat(scores(cycle)).containsExactly(new double[] {0, 1, 1 / 3.0, 2 / 3.0}, within(1e-12));
  }

  @Test
  void forgetsTheOldestBeyondItsSize() {
    scorer = scorer(1);
    SchedulingCycle cycle = cold(3);
    route(cycle, 0);
    route(cycle, 1);
    assertThat(scores(cycle)).containsExactly(1, 0, 0.5);
  }

  @Test
  void recordsNothingForARequestThatItDidNotScore() {
    SchedulingCycle cycle = cold(2);
    ProfileResults results = new ProfileResults();
    results.put("default", picked(cycle, 0));
    scorer.onRouted(routed(new Facts(), "default", results));
    assertThat(scores(cycle)).containsExactly(1, 0);
  }

  @Test
  void twoInstancesDoNotShareTheirNotes() {
    SchedulingCycle cycle = cold(2);
    new NoHitLruScorer(NoHitLruScorer.TYPE.defaults(), "other").score(cycle);
    ProfileResults results = new ProfileResults();
    results.put("default", picked(cycle, 0));
    scorer.onRouted(routed(cycle.facts(), "default", results));
    assertThat(scores(cycle)).containsExactly(1, 0);
  }

  @Test
  void ofSeveralProfilesTheLastScoringCounts() {
    PrefixMatches hit = PrefixMatches.uniform(new int[] {1, 0, 0}, 4, 16);
    SchedulingCycle cycle =
        new CycleFixture().idle(3).fact(PrefixMatches.keyOrDefault(""), hit).build();
    scores(only(cycle, 1, 2)); // cold
    scores(cycle); // warm
    ProfileResults results = new ProfileResults();
    results.put("default", picked(cycle, 0));
    scorer.onRouted(routed(cycle.facts(), "default", results));
    assertThat(scores(cold(3))).containsExactly(1, 0.5, 0);
  }

  @Test
  void aSizeThatIsNotPositiveMeansTheDefault() {
    assertThat(new Parameters(-1, "", "x", "y").lruSize()).isEqualTo(1024);
    assertThat(new Parameters(0, "", "", "").lruSize()).isEqualTo(1024);
  }

  @Test
  void readsTheProducerThatItsParametersName() {
    assertThat(new NoHitLruScorer(new Parameters(1, "mine", "", ""), "lru").requires())
        .containsExactly(PrefixMatches.key("mine"));
  }

  private static NoHitLruScorer scorer(int lruSize) {
    return new NoHitLruScorer(new Parameters(lruSize, "", "", ""), "no-hit-lru-scorer");
  }

  private static SchedulingCycle cold(int endpoints) {
    return new CycleFixture().idle(endpoints).build();
  }

  private static SchedulingCycle only(SchedulingCycle cycle, int... slots) {
    Candidate[] chosen =
        Arrays.stream(slots).mapToObj(cycle.candidates()::get).toArray(Candidate[]::new);
    return cycle.with(cycle.candidates().select(chosen, chosen.length));
  }

  private double[] scores(SchedulingCycle cycle) {
    return inOrder(cycle, scorer.score(cycle));
  }

  /** Scores, and sends the request to an endpoint. */
  private void route(SchedulingCycle cycle, int slot) {
    scores(cycle);
    ProfileResults results = new ProfileResults();
    results.put("default", picked(cycle, slot));
    scorer.onRouted(routed(cycle.facts(), "default", results));
  }

  private static RoutedRequest routed(Facts facts, String primary, ProfileResults results) {
    return new RoutedRequest(
        CycleFixture.request(name -> null, ""),
        facts,
        primary,
        results.find(primary).orElseThrow(),
        results,
        new HeaderChanges());
  }

  private static ProfileResult picked(SchedulingCycle cycle, int slot) {
    Candidates all = cycle.candidates();
    return new ProfileResult(
        all.select(new Candidate[] {all.get(slot)}, 1), all, Scores.all(cycle, 1));
  }
}
