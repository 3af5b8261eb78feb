/** How plugins are described, found and built. */
@NullMarked
package ai.llmd.epp.domain.catalogue;

import org.jspecify.annotations.NullMarked;
