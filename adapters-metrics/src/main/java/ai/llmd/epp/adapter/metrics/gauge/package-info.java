/** Single numbers that are read from pages of other programs than inference engines. */
@NullMarked
package ai.llmd.epp.adapter.metrics.gauge;

import org.jspecify.annotations.NullMarked;
