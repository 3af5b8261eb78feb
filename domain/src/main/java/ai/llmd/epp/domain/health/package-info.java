/** Whether an endpoint is worth a request, judged by what became of the last ones. */
@NullMarked
package ai.llmd.epp.domain.health;

import org.jspecify.annotations.NullMarked;
