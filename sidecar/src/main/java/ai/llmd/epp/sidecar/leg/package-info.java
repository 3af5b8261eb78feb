/** Requests that the sidecar sends to other servers on behalf of a call, and what came of them. */
@NullMarked
package ai.llmd.epp.sidecar.leg;

import org.jspecify.annotations.NullMarked;
