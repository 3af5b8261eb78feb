/**
 * The admin port's own server: HTTP/1.1 for a few readers, none of whom is trusted. What a reader
 * can hold is bounded in memory, in connections and in time.
 */
@NullMarked
package ai.llmd.epp.adapter.admin.server;

import org.jspecify.annotations.NullMarked;
