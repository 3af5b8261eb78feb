/** One picker behind Envoy, in each of its modes, as clients of the gateway meet it. */
@NullMarked
package ai.llmd.epp.acceptance.e2e;

import org.jspecify.annotations.NullMarked;
