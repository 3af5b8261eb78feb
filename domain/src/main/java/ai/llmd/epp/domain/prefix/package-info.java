/**
 * Prefix blocks: cutting and hashing a prompt, and remembering which endpoint holds which block.
 */
@NullMarked
package ai.llmd.epp.domain.prefix;

import org.jspecify.annotations.NullMarked;
