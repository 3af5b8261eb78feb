/** What replicas share beside prefix blocks, and the hooks through which they do. */
@NullMarked
package ai.llmd.epp.domain.sharing;

import org.jspecify.annotations.NullMarked;
