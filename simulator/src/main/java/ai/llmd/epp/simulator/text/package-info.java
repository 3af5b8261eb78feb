/**
 * Text as tokens: a tokenizer without a vocabulary file, and the sentences the simulator utters.
 */
@NullMarked
package ai.llmd.epp.simulator.text;

import org.jspecify.annotations.NullMarked;
