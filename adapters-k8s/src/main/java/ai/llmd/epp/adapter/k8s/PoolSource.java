package ai.llmd.epp.adapter.k8s;

import ai.llmd.epp.adapter.k8s.api.InferencePool;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the shape of a pool comes from. */
interface PoolSource {

  /** Whether it is known what there is. */
  boolean isSynced();

  /** The pool as it is now; empty when there is none. */
  Optional<PoolShape> shape();

  /** A pool whose shape is given by flags, once and for all. */
  static PoolSource fixed(WatchedPool.BySelector pool) {
    PoolShape shape = new PoolShape(pool.selector(), pool.targetPorts(), "");
    return new PoolSource() {
      @Override
      public boolean isSynced() {
        return true;
      }

      @Override
      public Optional<PoolShape> shape() {
        return Optional.of(shape);
      }
    };
  }

  /** A pool that an object describes. One thread. */
  final class Followed implements PoolSource {

    private static final Logger log = LoggerFactory.getLogger(PoolSource.class);

    private final Mirror<InferencePool> pools;
    private final String key;
    private @Nullable PoolShape lastValid;
    private String lastProblem = "";

    Followed(Mirror<InferencePool> pools, WatchedPool.ByName pool) {
      this.pools = pools;
      this.key = pool.namespace() + "/" + pool.name();
    }

    @Override
    public boolean isSynced() {
      return pools.isSynced();
    }

    /** The object's selector and ports; when it is invalid, those of its last valid version. */
    @Override
    public Optional<PoolShape> shape() {
      InferencePool pool = pools.get(key);
      if (pool == null || pool.getMetadata().getDeletionTimestamp() != null) {
        lastValid = null;
        lastProblem = "";
        return Optional.empty();
      }
      try {
        lastValid = PoolShape.of(pool);
        lastProblem = "";
      } catch (IllegalArgumentException e) {
        report(String.valueOf(e.getMessage()));
      }
      return Optional.ofNullable(lastValid);
    }

    private void report(String problem) {
      if (!problem.equals(lastProblem)) {
        lastProblem = problem;
        log.atError()
            .addKeyValue("pool", key)
            .addKeyValue("reason", problem)
            .log("InferencePool is invalid, keeping its last valid version");
      }
    }
  }
}
