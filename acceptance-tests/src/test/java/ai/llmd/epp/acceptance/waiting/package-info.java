/** Requests that wait for their decision, through Envoy; a plugin of the tests has them wait. */
@NullMarked
package ai.llmd.epp.acceptance.waiting;

import org.jspecify.annotations.NullMarked;
