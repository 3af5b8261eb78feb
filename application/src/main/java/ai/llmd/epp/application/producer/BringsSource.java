package ai.llmd.epp.application.producer;

import ai.llmd.epp.application.port.out.PoolObserver;

/**
 * A plugin whose data comes from the endpoints' own coming and going, so that a configuration with
 * it makes sense without any data source. Others that merely keep step with the pool do not count,
 * as in the reference.
 */
public interface BringsSource extends PoolObserver {}
