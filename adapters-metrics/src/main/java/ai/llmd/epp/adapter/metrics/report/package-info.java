/** What the log receives about polls of many endpoints. */
@NullMarked
package ai.llmd.epp.adapter.metrics.report;

import org.jspecify.annotations.NullMarked;
