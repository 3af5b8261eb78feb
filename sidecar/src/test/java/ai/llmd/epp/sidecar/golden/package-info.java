@NullMarked
package ai.llmd.epp.sidecar.golden;

import org.jspecify.annotations.NullMarked;
