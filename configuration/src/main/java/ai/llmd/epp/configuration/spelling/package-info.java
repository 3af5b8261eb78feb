/** Configurations in another spelling than they were written in. */
@NullMarked
package ai.llmd.epp.configuration.spelling;

import org.jspecify.annotations.NullMarked;
