/** The gRPC health service, on a port of its own or beside the conversation. */
@NullMarked
package ai.llmd.epp.adapter.extproc.health;

import org.jspecify.annotations.NullMarked;
