@NullMarked
package ai.llmd.epp.sidecar.trace;

import org.jspecify.annotations.NullMarked;
