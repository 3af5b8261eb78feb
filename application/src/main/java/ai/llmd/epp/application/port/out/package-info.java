/** What the application asks of the outside. */
@NullMarked
package ai.llmd.epp.application.port.out;

import org.jspecify.annotations.NullMarked;
