/** Keeps the requests of a session on one endpoint: two strategies, as a filter and as a scorer. */
@NullMarked
package ai.llmd.epp.domain.scheduling.session;

import org.jspecify.annotations.NullMarked;
