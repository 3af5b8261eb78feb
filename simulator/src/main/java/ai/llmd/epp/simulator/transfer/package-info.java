/** KV blocks that one simulated server computes and another one uses. */
@NullMarked
package ai.llmd.epp.simulator.transfer;

import org.jspecify.annotations.NullMarked;
