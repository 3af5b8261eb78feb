/**
 * Keeps requests away from endpoints that fail: what polls and responses show becomes a state of
 * each endpoint, and the scheduler is given those that are worth a request.
 */
@NullMarked
package ai.llmd.epp.application.health;

import org.jspecify.annotations.NullMarked;
