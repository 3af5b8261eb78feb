/** The replication log in Redis or Valkey: a stream, and a snapshot beside it. */
@NullMarked
package ai.llmd.epp.adapter.state.redis;

import org.jspecify.annotations.NullMarked;
