@NullMarked
package ai.llmd.epp.sidecar.connector;

import org.jspecify.annotations.NullMarked;
