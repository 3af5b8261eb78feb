/** Sends what goes on with a stored answer to the endpoint that keeps it. */
@NullMarked
package ai.llmd.epp.application.stored;

import org.jspecify.annotations.NullMarked;
