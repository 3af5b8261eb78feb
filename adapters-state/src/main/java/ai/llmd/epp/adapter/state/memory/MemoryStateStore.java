package ai.llmd.epp.adapter.state.memory;

import ai.llmd.epp.application.port.out.StateStore;
import ai.llmd.epp.domain.state.SharedState;

/**
 * No store beside this process: what was learnt lives and dies with it, and other replicas learn
 * for themselves.
 */
public final class MemoryStateStore implements StateStore {

  private final SharedState state;

  public MemoryStateStore(SharedState state) {
    this.state = state;
  }

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public String status() {
    return "state is kept in this process and shared with no other replica";
  }

  @Override
  public Figures figures() {
    return new Figures(state.prefixBlocks(), state.prefixBytes(), state.boundSessions());
  }

  /** There is nothing to let go of. */
  @Override
  public void close() {}
}
