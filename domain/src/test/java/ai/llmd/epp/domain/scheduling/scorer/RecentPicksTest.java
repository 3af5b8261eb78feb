package ai.llmd.epp.domain.scheduling.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class RecentPicksTest {

  private static final int ENDPOINTS = 12;

  private final Candidates all = new CycleFixture().idle(ENDPOINTS).build().candidates();

  @RepeatedTest(50)
  void remembersLikeAListThatIsKeptInOrder(RepetitionInfo round) {
    var random = new Random(round.getCurrentRepetition());
    int capacity = 1 + random.nextInt(ENDPOINTS + 2);
    RecentPicks picks = new RecentPicks(capacity);
    List<EndpointId> model = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      EndpointId id = all.get(random.nextInt(ENDPOINTS)).endpoint().id();
      picks.record(id);
      model.remove(id);
      model.add(id);
      if (model.size() > capacity) {
        model.removeFirst();
      }
      assertThat(picks.positions(all)).containsExactly(positionsIn(model));
      assertThat(picks.oldestFirst()).isEqualTo(model);
    }
  }

  @Test
  void threadsThatRecordAtOnceLoseNoEndpointAndNoPlace() throws Exception {
    RecentPicks picks = new RecentPicks(ENDPOINTS);
    List<Callable<Void>> work = new ArrayList<>();
    for (int thread = 0; thread < 4; thread++) {
      var random = new Random(thread);
      work.add(() -> recordAndLook(picks, random));
    }
    runAtOnce(work);
    all.forEach(candidate -> picks.record(candidate.endpoint().id()));
    assertThat(picks.positions(all)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
  }

  private Void recordAndLook(RecentPicks picks, Random random) {
    for (int i = 0; i < 5_000; i++) {
      picks.record(all.get(random.nextInt(ENDPOINTS)).endpoint().id());
      for (int position : picks.positions(all)) {
        assertThat(position).isBetween(RecentPicks.NEVER, ENDPOINTS);
      }
    }
    return null;
  }

  private static void runAtOnce(List<Callable<Void>> work)
      throws InterruptedException, ExecutionException {
    try (var threads = Executors.newFixedThreadPool(work.size())) {
      for (Future<Void> done : threads.invokeAll(work)) {
        done.get();
      }
    }
  }

  private int[] positionsIn(List<EndpointId> model) {
    int[] positions = new int[ENDPOINTS];
    Arrays.setAll(positions, slot -> model.indexOf(all.get(slot).endpoint().id()));
    return positions;
  }
}
