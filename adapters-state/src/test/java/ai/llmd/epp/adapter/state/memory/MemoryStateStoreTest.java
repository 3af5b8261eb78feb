package ai.llmd.epp.adapter.state.memory;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.port.out.StateStore;
import ai.llmd.epp.domain.state.SharedState;
import org.junit.jupiter.api.Test;

class MemoryStateStoreTest {

  private final SharedState state = new SharedState(SharedState.Budget.DEFAULT);

  @Test
  void saysThatNobodyElseSharesTheState() {
    try (var store = new MemoryStateStore(state)) {
      assertThat(store.name()).isEqualTo("memory");
      assertThat(store.status()).contains("no other replica");
    }
  }

  @Test
  void startsWithNothing() {
    try (var store = new MemoryStateStore(state)) {
      assertThat(store.figures()).isEqualTo(new StateStore.Figures(0, 0, 0));
    }
  }
}
