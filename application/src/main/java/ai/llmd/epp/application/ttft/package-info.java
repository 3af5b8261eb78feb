/** Observes how long endpoints take to their first tokens. */
@NullMarked
package ai.llmd.epp.application.ttft;

import org.jspecify.annotations.NullMarked;
