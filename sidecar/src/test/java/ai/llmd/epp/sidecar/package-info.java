@NullMarked
package ai.llmd.epp.sidecar;

import org.jspecify.annotations.NullMarked;
