/** What a client sends stays between the client and the model server. */
@NullMarked
package ai.llmd.epp.acceptance.privacy;

import org.jspecify.annotations.NullMarked;
