@NullMarked
package ai.llmd.epp.sidecar.pool;

import org.jspecify.annotations.NullMarked;
