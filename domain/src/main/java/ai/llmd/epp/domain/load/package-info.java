/** Work in flight per endpoint. */
@NullMarked
package ai.llmd.epp.domain.load;

import org.jspecify.annotations.NullMarked;
