/**
 * Our own metrics: the families that dashboards know from the reference, under their new and their
 * deprecated names, and the page that shows them.
 */
@NullMarked
package ai.llmd.epp.adapter.telemetry.meter;

import org.jspecify.annotations.NullMarked;
