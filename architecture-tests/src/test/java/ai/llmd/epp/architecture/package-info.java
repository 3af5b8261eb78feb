/** The rules of the rooms, executable. */
@NullMarked
package ai.llmd.epp.architecture;

import org.jspecify.annotations.NullMarked;
