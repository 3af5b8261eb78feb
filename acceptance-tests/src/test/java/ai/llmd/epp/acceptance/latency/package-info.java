/**
 * What latency objectives come to: whole configurations before simulated engines, in virtual time.
 */
@NullMarked
package ai.llmd.epp.acceptance.latency;

import org.jspecify.annotations.NullMarked;
