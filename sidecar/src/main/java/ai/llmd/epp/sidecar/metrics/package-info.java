/** What the sidecar counts, the page that shows it, and a line for each request. */
@NullMarked
package ai.llmd.epp.sidecar.metrics;

import org.jspecify.annotations.NullMarked;
