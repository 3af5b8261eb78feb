package ai.llmd.epp.domain.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.prefix.PrefixBlocks;
import ai.llmd.epp.domain.state.SharedState.Budget;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SharedStateTest {

  private final SharedState state = new SharedState(new Budget(1 << 20, 2));

  @Test
  void keepsOneOfEachForEveryName() {
    assertThat(state.prefixIndex("a")).isSameAs(state.prefixIndex("a"));
    assertThat(state.prefixIndex("a")).isNotSameAs(state.prefixIndex("b"));
    assertThat(state.ledger("a")).isSameAs(state.ledger("a"));
    assertThat(state.ledger("a")).isNotSameAs(state.ledger("b"));
    assertThat(state.sessions("a")).isSameAs(state.sessions("a"));
    assertThat(state.sessions("a")).isNotSameAs(state.sessions("b"));
  }

  @Test
  void givesEachItsBudget() {
    long[] hashes = new Random(1).longs(99_999).toArray();
    state.prefixIndex("a").record(0, new PrefixBlocks(hashes, new int[] {99_999}, 64), 99_999);
    assertThat(state.prefixIndex("a").bytes()).isBetween(1L << 19, 1L << 20);
    for (int i = 0; i < 5; i++) {
      state.sessions("a").bind("s" + i, new EndpointId("", "e"), i);
    }
    assertThat(state.sessions("a").size()).isEqualTo(2);
  }

  /** 60 % of containers of 512 MiB and 2 GiB, and less than any container has. */
  @Test
  void aSmallHeapHasASmallerBudget() {
    long mib = 1 << 20;

    Budget small = Budget.ofHeap(307 * mib);
    assertThat(small.prefixIndexBytes()).isBetween(64 * mib, 65 * mib);
    assertThat(small.sessions()).isEqualTo(307 << 10);
    assertThat(Budget.ofHeap(1228 * mib)).isEqualTo(Budget.DEFAULT);
    assertThat(Budget.ofHeap(64L << 30)).isEqualTo(Budget.DEFAULT);
    assertThat(Budget.ofHeap(mib)).isEqualTo(new Budget(mib, 1 << 10));
  }

  @Test
  void handsOnWhatAPluginThatStaysHasLearned() {
    var index = state.prefixIndex("stays");
    index.record(0, new PrefixBlocks(new long[] {1}, new int[] {1}, 64), 9);
    var ledger = state.ledger("stays");
    var sessions = state.sessions("stays");
    var gone = state.prefixIndex("goes");

    SharedState next = state.successor();
    next.takeEffect(List.of("stays", "never was"));

    assertThat(next.prefixIndex("stays")).isSameAs(index);
    assertThat(next.ledger("stays")).isSameAs(ledger);
    assertThat(next.sessions("stays")).isSameAs(sessions);
    assertThat(next.prefixIndex("goes")).isNotSameAs(gone);
    assertThat(next.prefixBlocks()).isEqualTo(1);
  }

  @Test
  void showsASuccessorToAllOnceItTakesEffect() {
    var before = state.ledger("rebuilt");
    SharedState refused = state.successor();
    SharedState next = state.successor();
    refused.ledger("rebuilt");
    var after = next.ledger("rebuilt");
    assertThat(state.ledger("rebuilt")).isSameAs(before).isNotSameAs(after);

    next.takeEffect(List.of());

    assertThat(state.ledger("rebuilt")).isSameAs(after);
    assertThat(next.ledger("rebuilt")).isSameAs(after);
    SharedState last = next.successor();
    last.takeEffect(List.of());
    assertThat(state.ledger("new")).isSameAs(last.ledger("new"));
  }

  @Test
  void refusesABudgetThatHoldsNothing() {
    assertThatThrownBy(() -> new Budget(1_000, 1)).hasMessageContaining("prefixIndexBytes");
    assertThatThrownBy(() -> new Budget(1 << 20, 0)).hasMessageContaining("sessions");
  }
}
