/** Violations that the rules must find. */
@NullMarked
package ai.llmd.epp.adapter.metrics.planted;

import org.jspecify.annotations.NullMarked;
