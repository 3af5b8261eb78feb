/** Messages of gRPC, framed in the bodies of requests and responses. */
@NullMarked
package ai.llmd.epp.adapter.extproc.body.grpc;

import org.jspecify.annotations.NullMarked;
