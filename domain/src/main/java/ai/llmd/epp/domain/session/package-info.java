/** Which endpoint a session is bound to. */
@NullMarked
package ai.llmd.epp.domain.session;

import org.jspecify.annotations.NullMarked;
