package ai.llmd.epp.application.burst;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.producer.Requests;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.prefix.PrefixBlocks;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BurstAssignmentTest {

  private static final int NONE = BurstEntry.NONE;

  private final List<BurstEntry> batch = new ArrayList<>();

  @Test
  void bringsEqualPromptsTogetherAndLeavesOthersAlone() {
    add(1, 2);
    add(7);
    add(1, 2);
    add();
    assertThat(assign(parameters(-1, 0, "requests"))).containsExactly(0, NONE, 0, NONE);
  }

  @Test
  void placesTheLongestFirstEachWhereLeastIs() {
    add(1);
    add(2, 3);
    add(1);
    add(2, 3);
    add(4, 5, 6);
    add(4, 5, 6);
    assertThat(assign(parameters(-1, 0, "requests"))).containsExactly(2, 1, 2, 1, 0, 0);
  }

  @Test
  void sendsNoMoreToOneEndpointThanItMayTake() {
    for (int i = 0; i < 8; i++) {
      add(1);
    }
    assertThat(assign(parameters(2, 0, "requests"))).containsExactly(0, 0, 1, 1, 2, 2, 0, 1);
  }

  @Test
  void bringsPromptsTogetherThatBeginAlike() {
    add(1, 2, 3);
    add(1, 2, 4);
    add(9, 2, 4);
    add(1);
    int[] slots = assign(parameters(-1, 2, "requests"));
    assertThat(slots).containsExactly(0, 1, NONE, NONE); // each has its share with one
    add(1, 2, 3);
    assertThat(assign(parameters(-1, 2, "requests"))).containsExactly(0, 1, NONE, NONE, 0);
    assertThat(assign(parameters(-1, 2, "tokens"))).containsExactly(0, 1, NONE, NONE, 0);
  }

  @Test
  void countsWhatIsComputedAnewWhereTokensAreBalanced() {
    add(1, 2, 3, 4);
    add(1, 2, 3, 5);
    add(6, 7, 8);
    add(6, 7, 8);
    // 4, 4 and 3 blocks on three endpoints are 4 for each: none has room beside its own
    assertThat(assign(parameters(-1, 3, "tokens"))).containsExactly(1, 2, 0, 0);
  }

  private void add(long... hashes) {
    int[] ends = hashes.length == 0 ? new int[0] : new int[] {hashes.length};
    List<Candidate> candidates =
        List.of(
            Requests.endpoint(0).current(),
            Requests.endpoint(1).current(),
            Requests.endpoint(2).current());
    batch.add(new BurstEntry(new PrefixBlocks(hashes, ends, 64), Candidates.of(3, candidates)));
  }

  private int[] assign(BurstParameters parameters) {
    return BurstAssignment.assign(batch, parameters);
  }

  private static BurstParameters parameters(int perReplica, int colocate, String balanceBy) {
    return new BurstParameters(100, perReplica, 64, 0, colocate, 1000, balanceBy);
  }
}
