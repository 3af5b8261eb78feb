package ai.llmd.epp.bootstrap.config;

import ai.llmd.epp.domain.catalogue.Plugin;

/**
 * The kinds of plugins that the loader checks by class and knows nothing else of.
 *
 * @param dataSource what {@code dataLayer.sources[].pluginRef} must be
 * @param extractor what {@code dataLayer.sources[].extractors[].pluginRef} must be
 */
public record PluginKinds(Class<? extends Plugin> dataSource, Class<? extends Plugin> extractor) {}
