/**
 * The state that replicas share, in one place: prefix indexes, work in flight, session bindings,
 * times of requests, and the hooks through which local changes reach the others.
 */
@NullMarked
package ai.llmd.epp.domain.state;

import org.jspecify.annotations.NullMarked;
