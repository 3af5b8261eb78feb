/** Which model is served when a client asks for one. */
@NullMarked
package ai.llmd.epp.domain.rewrite;

import org.jspecify.annotations.NullMarked;
