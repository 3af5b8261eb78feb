package ai.llmd.epp.filewatch.planted;

import ai.llmd.epp.domain.pool.PoolSnapshot;

final class KnowsAPool {
  final Class<?> known = PoolSnapshot.class;
}
