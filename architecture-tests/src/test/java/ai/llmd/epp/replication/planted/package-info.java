/** Violations that the architecture rules have to find. */
@NullMarked
package ai.llmd.epp.replication.planted;

import org.jspecify.annotations.NullMarked;
