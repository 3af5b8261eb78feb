/**
 * The text formats in which our own metrics are read, Prometheus 0.0.4 and OpenMetrics, with
 * numbers spelled as the reference spells them.
 */
@NullMarked
package ai.llmd.epp.adapter.telemetry.exposition;

import org.jspecify.annotations.NullMarked;
