/** What a client says stays between the client and the model server. */
@NullMarked
package ai.llmd.epp.bootstrap.privacy;

import org.jspecify.annotations.NullMarked;
