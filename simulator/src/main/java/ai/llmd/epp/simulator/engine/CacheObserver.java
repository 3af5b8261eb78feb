package ai.llmd.epp.simulator.engine;

/** What changes in the prefix cache. Called on the engine's thread. */
public interface CacheObserver {

  /** An observer that ignores everything. */
  CacheObserver NONE =
      new CacheObserver() {
        @Override
        public void stored(Job job, long[] chain, int from) {}

        @Override
        public void removed(long block) {}

        @Override
        public void cleared() {}
      };

  /**
   * Blocks of a chain are there now.
   *
   * @param job whose prompt, with the answer behind it, the chain begins
   * @param chain the whole chain; not copied
   * @param from index of the first that was not there
   */
  void stored(Job job, long[] chain, int from);

  /** A block had to leave. */
  void removed(long block);

  /** All blocks left at once. */
  void cleared();
}
