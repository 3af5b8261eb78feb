package ai.llmd.epp.simulator.engine;

/** What changes in the prefix cache. Called on the engine's thread. */
public interface CacheObserver {

  /** An observer that ignores everything. */
  CacheObserver NONE =
      new CacheObserver() {
        @Override
        public void stored(Job job, long[] chain, int from, int[] tokens) {}

        @Override
        public void removed(long block) {}
      };

  /**
   * Blocks of a chain are there now.
   *
   * @param chain the whole chain; not copied
   * @param from index of the first that was not there
   * @param tokens of the whole chain, and perhaps of an incomplete block behind it; not copied
   */
  void stored(Job job, long[] chain, int from, int[] tokens);

  /** A block had to leave. */
  void removed(long block);
}
