/**
 * The admin port's own server: HTTP/1.1 for a few readers, of whom none has to be believed. What a
 * reader can hold is bounded in memory, in connections and in time.
 */
@NullMarked
package ai.llmd.epp.adapter.admin.server;

import org.jspecify.annotations.NullMarked;
