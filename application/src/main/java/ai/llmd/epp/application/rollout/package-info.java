/** Keeps requests within one revision while a disaggregated set is rolled out. */
@NullMarked
package ai.llmd.epp.application.rollout;

import org.jspecify.annotations.NullMarked;
