package ai.llmd.epp.domain.flow;

import org.jspecify.annotations.Nullable;

/** Chooses whose turn it is among the flows of one band that have requests. */
public interface FlowSelector {

  /** A flow has its first request. */
  void opened(FlowQueue flow);

  /** Another request than before is the first of a flow. */
  void headChanged(FlowQueue flow);

  /** A flow has no request any more. */
  void closed(FlowQueue flow);

  /**
   * The flow whose turn it is, or null when none has a request. The choice counts: its first
   * request is taken.
   *
   * @param now the time
   */
  @Nullable FlowQueue pick(long now);
}
