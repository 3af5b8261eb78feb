/** Violations that the rules must find. */
@NullMarked
package ai.llmd.epp.adapter.telemetry.planted;

import org.jspecify.annotations.NullMarked;
