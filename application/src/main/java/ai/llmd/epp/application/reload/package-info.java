/**
 * Replacing what serves while it is in use: who began with a generation keeps it to the end, and it
 * is let go of when the last one has given it back.
 */
@NullMarked
package ai.llmd.epp.application.reload;

import org.jspecify.annotations.NullMarked;
