/** What times to the first token and between tokens are learned from, and how. */
@NullMarked
package ai.llmd.epp.domain.latency;

import org.jspecify.annotations.NullMarked;
