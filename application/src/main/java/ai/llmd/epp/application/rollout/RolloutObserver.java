package ai.llmd.epp.application.rollout;

import java.util.Map;

/** Shows what a screener of rollouts does. Any thread; never blocks. */
public interface RolloutObserver {

  /** An observer that does not care; for tests. */
  RolloutObserver NONE =
      new RolloutObserver() {
        @Override
        public void shares(String plugin, String mode, Map<String, Double> byRevision) {}

        @Override
        public void unmatched(String plugin, String selector) {}
      };

  /**
   * The pool has changed.
   *
   * @param plugin instance name
   * @param mode how shares are computed
   * @param byRevision share of the requests that each revision gets, 0 to 1; the map is not kept
   */
  void shares(String plugin, String mode, Map<String, Double> byRevision);

  /**
   * A request named by its header what no candidate has.
   *
   * @param plugin instance name
   * @param selector name of the strict selector
   */
  void unmatched(String plugin, String selector);
}
