/** What became of a request: where it goes, or why it is refused, with the evidence. */
@NullMarked
package ai.llmd.epp.domain.routing;

import org.jspecify.annotations.NullMarked;
