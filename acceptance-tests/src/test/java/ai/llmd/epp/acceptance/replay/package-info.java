/** What the reference was recorded to do, asked of the whole program. */
@NullMarked
package ai.llmd.epp.acceptance.replay;

import org.jspecify.annotations.NullMarked;
