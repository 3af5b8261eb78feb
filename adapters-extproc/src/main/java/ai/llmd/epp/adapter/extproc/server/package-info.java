/** The gRPC server that carries the conversations: event loops, flow control, limits, draining. */
@NullMarked
package ai.llmd.epp.adapter.extproc.server;

import org.jspecify.annotations.NullMarked;
