/** What data producers found out for one request: typed keys, values in arrays by slot. */
@NullMarked
package ai.llmd.epp.domain.facts;

import org.jspecify.annotations.NullMarked;
