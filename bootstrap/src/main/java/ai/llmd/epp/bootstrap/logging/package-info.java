/** The shape and the level of our log lines: one JSON object each, on standard error. */
@NullMarked
package ai.llmd.epp.bootstrap.logging;

import org.jspecify.annotations.NullMarked;
