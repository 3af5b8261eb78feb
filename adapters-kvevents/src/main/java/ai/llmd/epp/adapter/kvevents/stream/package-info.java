/** Subscribes to model servers over ZeroMQ, and keeps what they publish complete. */
@NullMarked
package ai.llmd.epp.adapter.kvevents.stream;

import org.jspecify.annotations.NullMarked;
