/** Scheduling profiles: filters narrow the candidates, scorers weigh them, a picker chooses. */
@NullMarked
package ai.llmd.epp.domain.scheduling;

import org.jspecify.annotations.NullMarked;
