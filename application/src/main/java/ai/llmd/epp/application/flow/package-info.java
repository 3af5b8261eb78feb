/**
 * Flow control at work: requests pass, or wait in the queues of {@code domain.flow} until it is
 * their turn.
 */
@NullMarked
package ai.llmd.epp.application.flow;

import org.jspecify.annotations.NullMarked;
