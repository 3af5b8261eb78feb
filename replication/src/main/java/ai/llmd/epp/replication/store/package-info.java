/** The store as replication's threads see it: the log, its health, and when to try again. */
@NullMarked
package ai.llmd.epp.replication.store;

import org.jspecify.annotations.NullMarked;
