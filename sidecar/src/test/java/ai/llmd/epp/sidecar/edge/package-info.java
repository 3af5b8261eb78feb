@NullMarked
package ai.llmd.epp.sidecar.edge;

import org.jspecify.annotations.NullMarked;
