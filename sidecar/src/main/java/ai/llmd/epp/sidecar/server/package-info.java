/** All of the sidecar put together: ports, event loops, connections, connectors. */
@NullMarked
package ai.llmd.epp.sidecar.server;

import org.jspecify.annotations.NullMarked;
