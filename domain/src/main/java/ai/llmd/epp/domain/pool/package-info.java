/** The endpoints that may serve requests, and what is known of each one now. */
@NullMarked
package ai.llmd.epp.domain.pool;

import org.jspecify.annotations.NullMarked;
