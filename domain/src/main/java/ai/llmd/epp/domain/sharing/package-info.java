/** What replicas tell each other, beside the prefix blocks themselves. */
@NullMarked
package ai.llmd.epp.domain.sharing;

import org.jspecify.annotations.NullMarked;
