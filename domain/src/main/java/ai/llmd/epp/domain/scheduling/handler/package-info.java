/** Rules that decide which profiles run and whose result is the destination. */
@NullMarked
package ai.llmd.epp.domain.scheduling.handler;

import org.jspecify.annotations.NullMarked;
