/** What all tests have in common: how long they wait. */
@NullMarked
package ai.llmd.epp.domain.patience;

import org.jspecify.annotations.NullMarked;
