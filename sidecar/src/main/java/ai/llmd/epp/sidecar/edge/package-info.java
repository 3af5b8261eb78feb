/** The HTTP server that clients reach: connections, and one exchange after the other on each. */
@NullMarked
package ai.llmd.epp.sidecar.edge;

import org.jspecify.annotations.NullMarked;
