/** JSON bodies, changed in single places. */
@NullMarked
package ai.llmd.epp.sidecar.body;

import org.jspecify.annotations.NullMarked;
