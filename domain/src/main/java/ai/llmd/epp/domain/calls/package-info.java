/** How the program calls plugins: timed, contained, and reported under the plugin's own name. */
@NullMarked
package ai.llmd.epp.domain.calls;

import org.jspecify.annotations.NullMarked;
