@NullMarked
package ai.llmd.epp.sidecar.load;

import org.jspecify.annotations.NullMarked;
