/**
 * Puts a changed configuration in force while requests are served: streams that began keep what
 * they began with, and it is closed when the last of them has ended. {@link
 * ai.llmd.epp.configuration.reload.LiveConfiguration#replace} is the whole of it.
 */
@NullMarked
package ai.llmd.epp.configuration.reload;

import org.jspecify.annotations.NullMarked;
