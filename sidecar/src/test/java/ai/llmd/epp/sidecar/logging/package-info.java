@NullMarked
package ai.llmd.epp.sidecar.logging;

import org.jspecify.annotations.NullMarked;
