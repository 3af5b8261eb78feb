/** Changes of the configuration file under a running program. */
@NullMarked
package ai.llmd.epp.acceptance.reload;

import org.jspecify.annotations.NullMarked;
