/** How each kind of engine is asked to compute a prompt elsewhere and to go on here. */
@NullMarked
package ai.llmd.epp.sidecar.connector;

import org.jspecify.annotations.NullMarked;
