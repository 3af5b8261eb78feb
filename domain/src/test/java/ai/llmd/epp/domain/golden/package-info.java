/** Recorded answers of the reference, for the tests of every module. */
@NullMarked
package ai.llmd.epp.domain.golden;

import org.jspecify.annotations.NullMarked;
