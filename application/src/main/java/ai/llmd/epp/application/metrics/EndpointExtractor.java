package ai.llmd.epp.application.metrics;

import ai.llmd.epp.application.port.out.PoolObserver;

/**
 * A plugin that learns from the coming and going of endpoints. It follows the pool whether or not a
 * configuration lists it at an {@link EndpointNotificationSource}.
 */
public interface EndpointExtractor extends Extractor, PoolObserver {}
