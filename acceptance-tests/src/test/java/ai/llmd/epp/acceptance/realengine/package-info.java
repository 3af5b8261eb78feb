/** The picker before real engines, where they are installed. */
@NullMarked
package ai.llmd.epp.acceptance.realengine;

import org.jspecify.annotations.NullMarked;
