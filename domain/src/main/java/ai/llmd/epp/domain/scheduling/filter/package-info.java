/** Rules that decide which candidates may serve a request. */
@NullMarked
package ai.llmd.epp.domain.scheduling.filter;

import org.jspecify.annotations.NullMarked;
