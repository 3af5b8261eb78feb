/**
 * Asks prediction servers how long requests take, and gives a training server what was observed.
 */
@NullMarked
package ai.llmd.epp.adapter.latency;

import org.jspecify.annotations.NullMarked;
