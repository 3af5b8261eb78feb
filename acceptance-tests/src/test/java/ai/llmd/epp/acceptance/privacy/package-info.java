/** What a client says stays between the client and the model server. */
@NullMarked
package ai.llmd.epp.acceptance.privacy;

import org.jspecify.annotations.NullMarked;
