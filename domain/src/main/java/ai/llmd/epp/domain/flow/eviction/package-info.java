/** Which running requests are given up so that a higher priority can go on. */
@NullMarked
package ai.llmd.epp.domain.flow.eviction;

import org.jspecify.annotations.NullMarked;
