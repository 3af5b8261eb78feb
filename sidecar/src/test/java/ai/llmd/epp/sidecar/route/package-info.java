@NullMarked
package ai.llmd.epp.sidecar.route;

import org.jspecify.annotations.NullMarked;
