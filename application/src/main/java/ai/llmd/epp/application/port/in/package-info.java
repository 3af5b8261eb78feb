/** What the outside may ask of the application. */
@NullMarked
package ai.llmd.epp.application.port.in;

import org.jspecify.annotations.NullMarked;
