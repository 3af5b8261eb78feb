/**
 * A gRPC server over HTTP/2 that does what one service on one port needs, by hand: what a request
 * costs beside its picking is mostly the server. It knows services, calls and tracers by gRPC's own
 * types, and no conversation.
 */
@NullMarked
package ai.llmd.epp.adapter.extproc.transport;

import org.jspecify.annotations.NullMarked;
