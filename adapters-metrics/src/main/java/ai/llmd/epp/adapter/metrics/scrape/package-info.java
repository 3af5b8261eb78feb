/**
 * Reads the metrics pages of model servers and publishes them as the load of endpoints: a small
 * HTTP client on event loops of its own, a scanner for the Prometheus text format that looks at
 * wanted lines only, and the mappings from each engine's metric names to a load sample.
 */
@NullMarked
package ai.llmd.epp.adapter.metrics.scrape;

import org.jspecify.annotations.NullMarked;
