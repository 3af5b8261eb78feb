/** What single plugins count. */
@NullMarked
package ai.llmd.epp.adapter.telemetry.plugin;

import org.jspecify.annotations.NullMarked;
