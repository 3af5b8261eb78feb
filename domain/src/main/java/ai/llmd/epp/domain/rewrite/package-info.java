/** Which model is served when a client names one. */
@NullMarked
package ai.llmd.epp.domain.rewrite;

import org.jspecify.annotations.NullMarked;
