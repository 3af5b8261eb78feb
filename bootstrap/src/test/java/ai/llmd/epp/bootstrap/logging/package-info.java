/** Tests of what is logged. */
@NullMarked
package ai.llmd.epp.bootstrap.logging;

import org.jspecify.annotations.NullMarked;
